module github.com/seed83d86191/txsim

go 1.26

require github.com/goccy/go-yaml v1.19.2 // indirect
