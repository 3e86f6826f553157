// Package parallel works on numbered tasks, several at a time, such that what comes of them
// does not depend on how many: [InOrder], and [Each] where they are only numbers.
//
// It must never know what the tasks are, nor share anything between them.
package parallel
