// Package results holds the results of a sweep: the file they are kept in, a line
// for each run, the figures of each cell over its seeds, and the reports and
// comparisons made of them. It does not know how a run is made.
//
// # Files
//
//	line, figures, packed   a line of results, and what is in it
//	header, read, merge     the file of results: its first line, read, and made of several
//	metric, cell            the metrics that there are, and their values in a cell over its seeds
//	report, notes, export   tables, what is said below them, and their formats
//	notes_runs              what is said of runs that are missing
//	compare, compare_text, sides   two files, or cells and their baseline, and how parameters differ
//	published               published values beside those of a report
//	html, chart_text        the page with charts
package results
