module github.com/seed83d86191/txsim

go 1.26
