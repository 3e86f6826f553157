// Package results holds the results of a sweep: the file they are kept in, a line
// for each run, the figures of each cell over its seeds, and the reports and
// comparisons made of them. It does not know how a run is made.
package results
