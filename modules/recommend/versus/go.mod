module ticketmoa/modules/recommend/versus

go 1.26.0

require (
	github.com/ikawaha/kagome-dict-ko v0.2.1
	github.com/ikawaha/kagome/v2 v2.10.3
	ticketmoa v0.0.0
)

require (
	github.com/ikawaha/kagome-dict v1.1.7 // indirect
	golang.org/x/text v0.43.0 // indirect
)

replace ticketmoa => ../../..
