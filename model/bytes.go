package model

import "unsafe"

// bytesAsString shares the memory of b, which nobody writes again: chunks of
// texts are only appended to behind it.
func bytesAsString(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }
