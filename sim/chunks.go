package sim

// bucket holds entries in the order in which they were added, and is emptied in it, so that
// entries of equal times reach the run sorted. It is a ring of chunks, all full but the last.
type bucket struct {
	last  uint32
	count uint32
}

// chunkPool holds the chunks of all buckets in one array, so that a bucket's
// entries lie together and emptied chunks serve any other bucket.
type chunkPool struct {
	data [][chunkLen]entry
	next []uint32 // by chunk: the one behind it in its ring, or among the free
	free uint32   // first free chunk; 0 is none
}

func (p *chunkPool) add(b *bucket, e entry) {
	i := b.count % chunkLen
	if i == 0 {
		p.extend(b)
	}
	p.data[b.last][i] = e
	b.count++
}

// extend appends a chunk to b, whose chunks are full.
func (p *chunkPool) extend(b *bucket) {
	if p.free == 0 {
		p.grow()
	}
	c := p.free
	p.free = p.next[c]
	p.next[c] = c
	if b.count > 0 {
		p.next[c], p.next[b.last] = p.next[b.last], c
	}
	b.last = c
}

// grow makes free chunks.
func (p *chunkPool) grow() {
	n := max(len(p.data), 8)
	p.data = append(p.data, make([][chunkLen]entry, n)...)
	for c := len(p.next); c < len(p.data); c++ {
		p.next = append(p.next, 0)
		if c > 0 { // 0 means none
			p.release(uint32(c))
		}
	}
}

// take removes the first chunk of b, which is not empty, and says how many entries
// it holds. It is not free before its release.
func (p *chunkPool) take(b *bucket) (c, n uint32) {
	c = p.next[b.last]
	p.next[b.last] = p.next[c]
	n = min(b.count, chunkLen)
	b.count -= n
	return c, n
}

func (p *chunkPool) release(c uint32) {
	p.next[c] = p.free
	p.free = c
}

// filter drops the entries that keep refuses and returns how many remain.
func (p *chunkPool) filter(b *bucket, keep func(entry) bool) int {
	var kept bucket
	for b.count > 0 {
		c, n := p.take(b)
		for i := range n {
			if e := p.data[c][i]; keep(e) {
				p.add(&kept, e)
			}
		}
		p.release(c)
	}
	*b = kept
	return int(kept.count)
}

// each calls f with each entry of b.
func (p *chunkPool) each(b *bucket, f func(entry)) {
	if b.count == 0 {
		return
	}
	c := p.next[b.last] // the first
	for left := b.count; left > 0; c = p.next[c] {
		n := min(left, chunkLen)
		for _, e := range p.data[c][:n] {
			f(e)
		}
		left -= n
	}
}
