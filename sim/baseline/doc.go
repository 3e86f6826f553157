// Package baseline is plain two-phase commit as one would write it by hand for
// this one purpose: one heap of flat events, one switch, nothing else modelled.
// It knows nothing of the kernel; benchmarks run it beside the kernel and the
// model, so that a ratio survives a noisy machine.
package baseline
