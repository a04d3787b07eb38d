package abi

import "encoding/binary"

var le = binary.LittleEndian
