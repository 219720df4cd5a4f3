package ticket

import (
	"encoding/json"
	"fmt"
	"time"
)

// Date is a civil day written YYYY-MM-DD, never an instant. "" is unknown. Dates compare with < and >.
type Date string

// NewDate checks that the day exists in the calendar.
func NewDate(year int, month time.Month, day int) (Date, error) {
	t := time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
	if t.Year() != year || t.Month() != month || t.Day() != day || year < 1900 || year > 2200 {
		return "", fmt.Errorf("no such day: %d-%d-%d", year, month, day)
	}
	return Date(t.Format(time.DateOnly)), nil
}

// ParseDate reads YYYY-MM-DD and refuses everything else.
func ParseDate(s string) (Date, error) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return "", fmt.Errorf("%q is not a day in the form YYYY-MM-DD", s)
	}
	return NewDate(t.Date())
}

// DateOf is the day in Seoul at the instant t.
func DateOf(t time.Time) Date { return Date(t.In(Seoul).Format(time.DateOnly)) }

// Time is midnight in Seoul at the beginning of the day; the zero time for an unknown date.
func (d Date) Time() time.Time {
	t, err := time.ParseInLocation(time.DateOnly, string(d), Seoul)
	if err != nil {
		return time.Time{}
	}
	return t
}

// AddDays moves by n days; an unknown date stays unknown.
func (d Date) AddDays(n int) Date {
	if d == "" {
		return ""
	}
	return DateOf(d.Time().AddDate(0, 0, n))
}

// DaysUntil counts the days from d to e; negative when e is earlier. Both must be known.
func (d Date) DaysUntil(e Date) int {
	return int(e.Time().Sub(d.Time()) / (24 * time.Hour))
}

// MarshalJSON writes null for an unknown date.
func (d Date) MarshalJSON() ([]byte, error) {
	if d == "" {
		return []byte("null"), nil
	}
	return json.Marshal(string(d))
}

// UnmarshalJSON accepts null and YYYY-MM-DD.
func (d *Date) UnmarshalJSON(b []byte) error {
	var s *string
	if err := json.Unmarshal(b, &s); err != nil {
		return err
	}
	if s == nil || *s == "" {
		*d = ""
		return nil
	}
	v, err := ParseDate(*s)
	*d = v
	return err
}

// Instant normalises t for storage: UTC, whole milliseconds, which is what every store keeps.
func Instant(t time.Time) time.Time { return t.UTC().Truncate(time.Millisecond) }
