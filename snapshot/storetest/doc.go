// Package storetest is what every snapshot.Store must do. For tests only.
package storetest
