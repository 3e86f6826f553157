// Package quantity is the numbers that are written in scenarios and fault plans, and their
// text: sizes, rates, shares, times that are always the same, and ranges of them and of
// seeds. What is printed parses back to the same.
//
// It must never know which parameter a quantity is of.
package quantity
