// Package ycsb reads workload files of YCSB, which are Java properties: what they say of
// the load, with YCSB's own defaults. What says how YCSB measures or stores is ignored, and
// what cannot be simulated is refused.
//
// It must never know what else a scenario has: that goes over what the file says.
package ycsb
