package model

import "github.com/seed83d86191/txsim/sim"

// Memory keeps the allocations of clusters that have ended for later ones to use; see
// sim.Memory. The zero Memory is empty. It serves one cluster at a time.
type Memory struct {
	world  sim.Memory[Message]
	pool   pool
	sites  Chunks[Site]
	images []image
}

// takeImages returns empty images for so many workers.
func (m *Memory) takeImages(workers int) []image {
	images := m.images
	m.images = nil
	if len(images) < workers {
		images = append(images, make([]image, workers-len(images))...)
	}
	return images[:workers]
}

// retire leaves the room of a worker to the next one, if there is a Config.Memory.
func (c *Cluster) retire(n sim.Node[Message]) {
	if w, ok := as[*worker](n); ok && c.cfg.Memory != nil {
		w.retire()
	}
}

// Release ends the cluster, which must not be used any more, and leaves its allocations to
// its Config.Memory. With historyToo these include what its history was told: nobody may
// then use transactions or results of reads that come from there.
func (c *Cluster) Release(historyToo bool) {
	if results := &c.memory.pool.results; historyToo {
		results.Reset()
	} else {
		*results = Chunks[ReadResult]{}
	}
	for i := len(c.Workers) - 1; i >= 0; i-- { // the pool is a stack: the next cluster takes them in order
		c.retire(c.World.Node(c.Workers[i]))
	}
	for i := range c.recorder.images {
		c.recorder.images[i].reset(&c.memory.pool)
	}
	c.memory.images = c.recorder.images
	c.World.Release()
	c.memory.sites.Reset()
}
