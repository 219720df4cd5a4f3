module ticketmoa/modules/recommend/versus

go 1.26.0

require ticketmoa v0.0.0

replace ticketmoa => ../../..
