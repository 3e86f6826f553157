package sim

// bucket holds entries in the order of their adding, and hands that order on: ties
// arrive at the bottom sorted. It is a ring of chunks, all full but the last.
type bucket struct {
	last  uint32
	count uint32
}

// chunkPool holds the chunks of all buckets in one array, so that a bucket's
// entries lie together and emptied chunks serve any other bucket.
type chunkPool struct {
	data []chunk
	free uint32 // first free chunk, linked by next; 0 is none
}

type chunk struct {
	entries [chunkLen]entry
	next    uint32
}

func (p *chunkPool) add(b *bucket, e entry) {
	i := b.count % chunkLen
	if i == 0 {
		p.extend(b)
	}
	p.data[b.last].entries[i] = e
	b.count++
}

// extend appends a chunk to b, whose chunks are full.
func (p *chunkPool) extend(b *bucket) {
	c := p.free
	if c == 0 {
		c = uint32(max(len(p.data), 1)) // 0 means none
		p.data = append(p.data, make([]chunk, int(c)+1-len(p.data))...)
	} else {
		p.free = p.data[c].next
	}
	p.data[c].next = c
	if b.count > 0 {
		last := &p.data[b.last]
		p.data[c].next, last.next = last.next, c
	}
	b.last = c
}

// take removes the first chunk of b, which is not empty, and returns a copy: the
// chunk itself is free for the entries that move on.
func (p *chunkPool) take(b *bucket) (block [chunkLen]entry, n uint32) {
	last := &p.data[b.last]
	first := last.next
	c := &p.data[first]
	n = min(b.count, chunkLen)
	b.count -= n
	block = c.entries
	last.next = c.next
	c.next = p.free
	p.free = first
	return block, n
}

// filter drops the entries that keep refuses and returns how many remain.
func (p *chunkPool) filter(b *bucket, keep func(entry) bool) int {
	var kept bucket
	for b.count > 0 {
		block, n := p.take(b)
		for _, e := range block[:n] {
			if keep(e) {
				p.add(&kept, e)
			}
		}
	}
	*b = kept
	return int(kept.count)
}

// each calls f with each entry of b.
func (p *chunkPool) each(b *bucket, f func(entry)) {
	if b.count == 0 {
		return
	}
	c := p.data[b.last].next // the first
	for left := b.count; left > 0; c = p.data[c].next {
		n := min(left, chunkLen)
		for _, e := range p.data[c].entries[:n] {
			f(e)
		}
		left -= n
	}
}
