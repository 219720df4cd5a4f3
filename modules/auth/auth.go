// Package auth opens and checks the admin session: a one-time setup link is exchanged for a signed, expiring token.
//
// Guarantees: there is no default password; a setup link works once, and a new one ends the old; only its hash is kept; a
// token is accepted only when it was signed here with the expected algorithm and has not expired.
package auth

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"ticketmoa/modules/store"
)

// ErrUnauthorized means that nobody, or somebody else, is asking.
var ErrUnauthorized = errors.New("not an admin")

// SessionFor is how long an admin session lasts.
const SessionFor = 7 * 24 * time.Hour

const setupID = "admin"

// Auth issues and checks. It is safe for concurrent use.
type Auth struct {
	secrets store.Collection
	key     []byte
	now     func() time.Time
}

// secretDoc is a row of the collection secrets.
type secretDoc struct {
	ID    string `bson:"_id"`
	Value string `bson:"value"`
	Used  bool   `bson:"used"`
}

// New opens the collection and the signing key, which is made once and kept.
func New(ctx context.Context, s store.Store, now func() time.Time) (*Auth, error) {
	secrets, err := s.Collection(ctx, store.Spec{Name: "secrets", Fields: []store.Field{{Path: "value"}, {Path: "used"}}})
	if err != nil {
		return nil, fmt.Errorf("open the collection secrets: %w", err)
	}
	a := &Auth{secrets: secrets, now: now}
	a.key, err = a.Secret(ctx, "jwt")
	return a, err
}

// Secret is the secret of a name: made by whoever asks first, in this process or another, and the same ever after.
func (a *Auth) Secret(ctx context.Context, name string) ([]byte, error) {
	err := a.secrets.Insert(ctx, secretDoc{ID: name, Value: rand.Text() + rand.Text()})
	if err != nil && !errors.Is(err, store.ErrDuplicate) {
		return nil, fmt.Errorf("make the secret %s: %w", name, err)
	}
	var d secretDoc
	if err := a.secrets.Get(ctx, name, &d); err != nil {
		return nil, fmt.Errorf("read the secret %s: %w", name, err)
	}
	return []byte(d.Value), nil
}

// SetupDone tells whether a setup link was ever used.
func (a *Auth) SetupDone(ctx context.Context) (bool, error) {
	var d secretDoc
	err := a.secrets.Get(ctx, setupID, &d)
	if errors.Is(err, store.ErrNotFound) {
		return false, nil
	}
	return d.Used, err
}

// NewSetupToken makes the token of a setup link; every earlier one stops working.
func (a *Auth) NewSetupToken(ctx context.Context) (string, error) {
	token := rand.Text()
	if err := a.secrets.Upsert(ctx, secretDoc{ID: setupID, Value: hashed(token)}); err != nil {
		return "", fmt.Errorf("keep the setup token: %w", err)
	}
	return token, nil
}

func hashed(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

// Redeem exchanges a setup token for an admin session token. Of two that try at once, one gets it.
func (a *Auth) Redeem(ctx context.Context, token string) (string, error) {
	var d secretDoc
	err := a.secrets.Claim(ctx, map[string]any{"used": true}, &d, store.Query{Where: []store.Cond{
		{Field: "_id", Op: store.Eq, Value: setupID}, {Field: "value", Op: store.Eq, Value: hashed(token)}, {Field: "used", Op: store.Eq, Value: false}}})
	if errors.Is(err, store.ErrNotFound) {
		return "", fmt.Errorf("setup link was used, replaced or never made here: %w", ErrUnauthorized)
	}
	if err != nil {
		return "", err
	}
	now := a.now()
	claims := jwt.RegisteredClaims{Subject: "admin", Issuer: "ticketmoa", Audience: jwt.ClaimStrings{"admin"}, ID: rand.Text(),
		IssuedAt: jwt.NewNumericDate(now), ExpiresAt: jwt.NewNumericDate(now.Add(SessionFor))}
	return jwt.NewWithClaims(jwt.SigningMethodHS256, claims).SignedString(a.key)
}

// Verify accepts an admin session token.
func (a *Auth) Verify(token string) error {
	_, err := jwt.ParseWithClaims(token, &jwt.RegisteredClaims{}, func(*jwt.Token) (any, error) { return a.key, nil },
		jwt.WithValidMethods([]string{"HS256"}), jwt.WithExpirationRequired(), jwt.WithIssuer("ticketmoa"),
		jwt.WithAudience("admin"), jwt.WithSubject("admin"), jwt.WithTimeFunc(a.now))
	if err != nil {
		return fmt.Errorf("%w: %w", ErrUnauthorized, err)
	}
	return nil
}
