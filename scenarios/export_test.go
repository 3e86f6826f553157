package scenarios

// VerifyBytes is what Fuzz does with an input.
func VerifyBytes(t TB, s *Scenario, b []byte) {
	drawn, source := fuzzed(s, b)
	verify(t, drawn, source, "go test")
}

// FuzzBytes is an entry of the corpus that Fuzz makes.
var FuzzBytes = randomBytes
