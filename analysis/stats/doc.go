// Package stats is the statistics of reports on seeded replications: intervals,
// the removal of a warm-up, exact paired tests and the control of false
// discoveries. All intervals are at 95 %. It must never know what the figures are of.
package stats
