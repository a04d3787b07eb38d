// Package sim runs server, workers, network and disk of package core on a virtual clock with
// seeded faults, and checks after every event what must always hold. A seed gives the same
// run each time.
//
// It proves of the runs it makes:
//
//   - a checkpoint that was acknowledged is never lost;
//   - the commits of a job form one chain whose epochs do not decrease;
//   - once a lease has run a job, an older one neither runs nor commits it;
//   - nothing that is not committed is ever shown, and output is a prefix of the job's;
//   - when faults stop, every job finishes.
package sim
