package model

// Chunks hands out many small slices from few allocations. A chunk lives as long as
// any slice of it. The zero Chunks is ready to use.
type Chunks[T any] struct {
	free []T   // what is left of the present chunk
	kept [][]T // the first ones, for Reset
	used int   // of these
}

// keptChunks bounds what is used again: a long run must not keep alive all that it has
// ever made.
const keptChunks = 16

// Room returns room for n elements or more, empty, of a chunk of a size if it needs a
// new one. What of it is used is to be taken.
func (c *Chunks[T]) Room(n, size int) []T {
	if len(c.free) < n {
		c.free = c.chunk(n, size)
	}
	return c.free[:0]
}

func (c *Chunks[T]) chunk(n, size int) []T {
	for c.used < len(c.kept) {
		c.used++
		if chunk := c.kept[c.used-1]; len(chunk) >= n {
			return chunk
		}
	}
	chunk := make([]T, max(n, size))
	if c.used < keptChunks {
		c.kept = append(c.kept, chunk)
		c.used++
	}
	return chunk
}

// Take returns the first n elements of the room, which nobody else gets.
func (c *Chunks[T]) Take(n int) []T {
	taken := c.free[:n:n]
	c.free = c.free[n:]
	return taken
}

// Reset takes everything back. What was handed out must not be used any more.
func (c *Chunks[T]) Reset() {
	for _, chunk := range c.kept[:c.used] {
		clear(chunk)
	}
	c.free, c.used = nil, 0
}
