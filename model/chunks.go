package model

import "strings"

// Chunks hands out many small slices from few allocations. A chunk lives as long as
// any slice of it. The zero Chunks is ready to use.
type Chunks[T any] struct {
	free []T   // what is left of the present chunk
	kept [][]T // the first ones, for Reset
	used int   // of these
}

// keptChunks bounds how many chunks Reset keeps for reuse, so that a long run does not keep
// alive all that it ever made.
const keptChunks = 16

// Room returns an empty slice with room for n elements or more. If it needs a new chunk,
// that has the given size. Take must follow for the elements that were used.
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

// Take returns the first n elements of the room; nobody else gets them.
func (c *Chunks[T]) Take(n int) []T {
	taken := c.free[:n:n]
	c.free = c.free[n:]
	return taken
}

// Reset makes all chunks available again. Slices handed out before must not be used any
// more.
func (c *Chunks[T]) Reset() {
	for _, chunk := range c.kept[:c.used] {
		clear(chunk)
	}
	c.free, c.used = nil, 0
}

// Texts hands out strings cut from chunks, so that many small ones cost few allocations. A
// chunk lives as long as any string of it. The first ones are small: most nodes of a short
// run need little. The zero Texts is ready to use.
type Texts struct{ chunk strings.Builder }

const (
	minTextChunk = 512
	maxTextChunk = 16 << 10
)

// Add returns b as a string; t may be nil.
func (t *Texts) Add(b []byte) string {
	if t == nil || len(b) > maxTextChunk/8 {
		return string(b)
	}
	at, size := t.chunk.Len(), t.chunk.Cap()
	if size-at < len(b) {
		t.chunk.Reset()
		t.chunk.Grow(max(minTextChunk, min(2*size, maxTextChunk), len(b)))
		at = 0
	}
	t.chunk.Write(b)
	return t.chunk.String()[at:]
}
