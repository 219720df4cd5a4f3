package auth

import (
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"ticketmoa/modules/store"
)

func newAuth(t *testing.T, path string, now func() time.Time) *Auth {
	t.Helper()
	st, err := store.Open(context.Background(), "", path, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = st.Close() })
	a, err := New(context.Background(), st, now)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestASetupLinkWorksOnce(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	a := newAuth(t, filepath.Join(t.TempDir(), "db"), time.Now)
	old, err := a.NewSetupToken(ctx)
	if err != nil {
		t.Fatal(err)
	}
	token, err := a.NewSetupToken(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{"", "wrong", old} {
		if _, err := a.Redeem(ctx, bad); !errors.Is(err, ErrUnauthorized) {
			t.Errorf("Redeem(%q) = %v", bad, err)
		}
	}
	var wg sync.WaitGroup
	var mu sync.Mutex
	var sessions []string
	for range 8 {
		wg.Go(func() {
			if s, err := a.Redeem(ctx, token); err == nil {
				mu.Lock()
				sessions = append(sessions, s)
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	if len(sessions) != 1 {
		t.Fatalf("%d of eight at once were let in", len(sessions))
	}
	if err := a.Verify(sessions[0]); err != nil {
		t.Error(err)
	}
	if done, err := a.SetupDone(ctx); err != nil || !done {
		t.Errorf("SetupDone = %v, %v", done, err)
	}
}

func TestForgedAndExpiredTokens(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	clock := time.Now()
	a := newAuth(t, filepath.Join(t.TempDir(), "db"), func() time.Time { return clock })
	token, _ := a.NewSetupToken(ctx)
	good, err := a.Redeem(ctx, token)
	if err != nil {
		t.Fatal(err)
	}
	sign := func(method jwt.SigningMethod, key any, c jwt.RegisteredClaims) string {
		s, err := jwt.NewWithClaims(method, c).SignedString(key)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	full := jwt.RegisteredClaims{Subject: "admin", Issuer: "ticketmoa", Audience: jwt.ClaimStrings{"admin"}, ExpiresAt: jwt.NewNumericDate(clock.Add(time.Hour))}
	without := full
	without.ExpiresAt = nil
	user := full
	user.Subject = "somebody"
	for name, bad := range map[string]string{
		"none":             sign(jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, full),
		"another key":      sign(jwt.SigningMethodHS256, []byte("another"), full),
		"no expiry":        sign(jwt.SigningMethodHS256, a.key, without),
		"another subject":  sign(jwt.SigningMethodHS256, a.key, user),
		"another length":   sign(jwt.SigningMethodHS512, a.key, full),
		"nothing":          "",
		"not a token":      "a.b.c",
		"a changed letter": good[:len(good)-2] + "xx",
	} {
		if err := a.Verify(bad); !errors.Is(err, ErrUnauthorized) {
			t.Errorf("%s: Verify = %v", name, err)
		}
	}
	clock = clock.Add(SessionFor + time.Minute)
	if err := a.Verify(good); !errors.Is(err, ErrUnauthorized) {
		t.Errorf("after %s: Verify = %v", SessionFor, err)
	}
}

// TestSessionsSurviveARestart: the key is made once and kept.
func TestSessionsSurviveARestart(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "db")
	a := newAuth(t, path, time.Now)
	token, _ := a.NewSetupToken(context.Background())
	session, err := a.Redeem(context.Background(), token)
	if err != nil {
		t.Fatal(err)
	}
	if err := newAuth(t, path, time.Now).Verify(session); err != nil {
		t.Errorf("after a restart: %v", err)
	}
}
