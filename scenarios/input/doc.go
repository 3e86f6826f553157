// Package input is how text that is read is refused: an [Error] lists what is wrong with
// it, each [Problem] with its place, what was found and what is expected. Around that are
// the words to say it in, [Excerpt] and [Shown] for what was found, [Nearest], [Or] and
// [MustBeOneOf] for what was probably meant, and [JSON], a parser of lines that knows
// where it is.
//
// It must never know what the text is about: that is for those who read it.
package input
