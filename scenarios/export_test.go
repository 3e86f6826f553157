package scenarios

// VerifyBytes is what Fuzz does with an input.
func VerifyBytes(t TB, s *Scenario, b []byte) {
	drawn, source := fuzzed(s, b)
	verify(t, drawn, source, "go test")
}

// FuzzSeed is an entry of the corpus that Fuzz makes.
var FuzzSeed = fuzzSeed

// DrawnOf is what Fuzz makes of an input, and how many bytes decide its transactions,
// and those with the faults and the schedule.
func DrawnOf(s *Scenario, b []byte) (drawn *Scenario, transactions, head int) {
	drawn, _ = fuzzed(s, b)
	p := planFuzz(s)
	ends := p.bounds(1 << 20)
	return drawn, ends[0], ends[1]
}

// QuickMinimizing is for fuzz targets whose runs cost what those of Fuzz do.
var QuickMinimizing = quickMinimizing

// AnyParameters is the scenario of TestAnyParameters for a seed.
var AnyParameters = anyParameters
