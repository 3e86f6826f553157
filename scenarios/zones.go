package scenarios

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/seed83d86191/txsim/scenarios/input"
	"github.com/seed83d86191/txsim/scenarios/quantity"
	"github.com/seed83d86191/txsim/sim"
)

const maxZones = 64

// regions are the zones with known distances: regions of public clouds, by where
// they are.
var regions = []string{
	"us-east", "us-west", "sa-east", "eu-west", "eu-central", "ap-south", "ap-southeast", "ap-northeast", "ap-sydney",
}

// roundTrips between regions in milliseconds, to about 5 %, as the public
// measurements between the data centres of large clouds show them: Virginia,
// Oregon, São Paulo, Ireland, Frankfurt, Mumbai, Singapore, Tokyo, Sydney. Row i
// has those to the regions before region i.
var roundTrips = [][]int{
	{},
	{65},
	{115, 175},
	{70, 125, 180},
	{90, 145, 200, 25},
	{190, 220, 300, 120, 110},
	{215, 165, 325, 175, 160, 60},
	{155, 100, 260, 205, 225, 125, 70},
	{200, 140, 315, 255, 250, 150, 95, 105},
}

// known returns the one-way delay between two regions: half of their round trip, with
// little variation.
func known(from, to string) (sim.Dist, bool) {
	i, j := slices.Index(regions, from), slices.Index(regions, to)
	if i < 0 || j < 0 || i == j {
		return sim.Dist{}, false
	}
	half := time.Duration(roundTrips[max(i, j)][min(i, j)]) * time.Millisecond / 2
	return quantity.MustDist(fmt.Sprintf("lognormal(%s, 0.05)", half)), true
}

// unset, in a row of the matrix, leaves a delay at its default.
const unset = "-"

// distances returns the delays from zone to zone; nil without zones.
func (s *Scenario) distances() ([][]sim.Dist, error) {
	n := len(s.Zones)
	if n == 0 {
		if len(s.Network.Matrix) > 0 {
			return nil, errors.New("must be empty, or zones be given")
		}
		return nil, nil
	}
	if m := len(s.Network.Matrix); m != n && m != 0 {
		return nil, fmt.Errorf("must have a row for each of the %d zones, found %d", n, m)
	}
	all := make([][]sim.Dist, n)
	for i := range all {
		row := slices.Repeat([]string{unset}, n)
		if len(s.Network.Matrix) > 0 {
			if row = cells(s.Network.Matrix[i]); len(row) != n {
				return nil, fmt.Errorf("row %d: must have a delay to each of the %d zones, found %d", i+1, n, len(row))
			}
		}
		for j, text := range row {
			d, err := s.distance(i, j, text)
			if err != nil {
				return nil, err
			}
			all[i] = append(all[i], d)
		}
	}
	return all, nil
}

// distance returns one entry of the matrix.
func (s *Scenario) distance(i, j int, text string) (sim.Dist, error) {
	from, to := s.Zones[i], s.Zones[j]
	if text != unset {
		var d sim.Dist
		if err := parseDist(&d, text); err != nil {
			return d, fmt.Errorf("row %d, from %s to %s: found %s: %w", i+1, from, to, input.Shown(text), err)
		}
		return d, nil
	}
	if i == j {
		return s.Network.Delay, nil
	}
	if d, ok := known(from, to); ok {
		return d, nil
	}
	return sim.Dist{}, fmt.Errorf("no delay from %s to %s is known: network.matrix must have a row for each zone, such as \"1ms 40ms 80ms\", unless zones are among %s",
		from, to, strings.Join(regions, ", "))
}

// cells splits a row at blanks that are not within parentheses.
func cells(row string) []string {
	depth := 0
	return strings.FieldsFunc(row, func(r rune) bool {
		switch r {
		case '(':
			depth++
		case ')':
			depth--
		}
		return depth == 0 && (r == ' ' || r == '\t')
	})
}

// places checks where the nodes are.
func (c *rules) places() {
	c.within("hosts", 0, MaxWorkers)
	if n := len(c.s.Zones); n > maxZones { // too many to name, and to read a matrix for
		c.broken = append(c.broken, violation{"zones", fmt.Sprintf("%d names", n), fmt.Sprintf("must be at most %d", maxZones)})
		return
	}
	for i, z := range c.s.Zones {
		switch {
		case z == "" || strings.ContainsAny(z, " \t,"):
			c.broken = append(c.broken, violation{item("zones", i), input.Shown(z), "must be a name without blanks and commas"})
		case slices.Contains(c.s.Zones[:i], z):
			c.broken = append(c.broken, violation{item("zones", i), input.Shown(z), "must not be there twice"})
		}
	}
	if _, err := c.s.distances(); err != nil {
		path := "network.matrix"
		if len(c.s.Network.Matrix) == 0 {
			path = "zones" // the zones were given, not the matrix
		}
		c.require(false, path, err.Error())
	}
}
