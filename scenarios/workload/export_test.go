package workload

// For the tests that make transactions of scenarios.
var (
	Fits, ZipfLaw, Names             = fits, zipfLaw, kindNames
	Scramble                         = scramble
	SmallBankNames, SmallBankWeights = smallBankMix.names, smallBankMix.weights
)

const Latest = latest
