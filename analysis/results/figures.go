package results

import (
	"encoding/json"
	"math"
	"slices"
	"sync"

	"github.com/seed83d86191/txsim/model"
)

// Figures are the figures of a run; nil is none. Each is at the place of its metric in
// figurePlaces. It is NaN if the run does not have it, and the list ends with the last one
// that the run has. A report holds tens of thousands of runs: maps would take more memory.
type Figures []float64

// figurePlaces gives each of Metrics, and the aborts for each reason, a place by its name.
var figurePlaces = sync.OnceValue(func() map[string]int {
	places := map[string]int{}
	for _, m := range Metrics {
		places[m.Name] = len(places)
	}
	for r := model.NoReason + 1; r != 0; r++ { // up to the last
		if _, ok := FindMetric(AbortedMetric(r)); ok {
			places[AbortedMetric(r)] = len(places)
		}
	}
	return places
})

// get returns a figure, if there is one of that name.
func (f Figures) get(name string) (x float64, ok bool) {
	if i, known := figurePlaces()[name]; known && i < len(f) && !math.IsNaN(f[i]) {
		return f[i], true
	}
	return 0, false
}

// Set sets a figure; NaN takes it away. A name that FindMetric does not know has no figure:
// nothing would show it.
func (f *Figures) Set(name string, x float64) {
	i, known := figurePlaces()[name]
	if !known {
		return
	}
	f.grow(i + 1)
	(*f)[i] = x
}

// grow makes room for so many places.
func (f *Figures) grow(n int) {
	for *f = slices.Grow(*f, max(n-len(*f), 0)); len(*f) < n; {
		*f = append(*f, math.NaN())
	}
}

// without returns the other figures.
func (f Figures) without(name string) Figures {
	f = slices.Clone(f)
	f.Set(name, math.NaN())
	return f
}

// Equal reports whether the runs have the same figures.
func (f Figures) Equal(other Figures) bool {
	f, other = slices.Clone(f), slices.Clone(other)
	f.grow(len(other))
	other.grow(len(f))
	return slices.EqualFunc(f, other, func(x, y float64) bool { return x == y || math.IsNaN(x) && math.IsNaN(y) })
}

// MarshalJSON prints an object with a member for each figure, in the order of their names.
func (f Figures) MarshalJSON() ([]byte, error) {
	members := map[string]float64{}
	for name := range figurePlaces() { // any order: they are printed in that of their names
		if x, ok := f.get(name); ok {
			members[name] = x
		}
	}
	return json.Marshal(members)
}

// UnmarshalJSON reads such an object.
func (f *Figures) UnmarshalJSON(b []byte) error {
	var members map[string]float64
	if err := json.Unmarshal(b, &members); err != nil {
		return err
	}
	*f = FiguresOf(members)
	return nil
}

// FiguresOf returns figures by their names.
func FiguresOf(members map[string]float64) Figures {
	places, last := figurePlaces(), -1
	for name := range members { // any order: the last is the last in each
		if i, known := places[name]; known {
			last = max(last, i)
		}
	}
	var f Figures
	f.grow(last + 1)
	for name, x := range members { // any order: each has its place
		f.Set(name, x)
	}
	return f
}
