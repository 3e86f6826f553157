// Package explore visits every state of a transition system, breadth first: the
// shortest way to a violation is found first, and a search that ends has seen all.
package explore
