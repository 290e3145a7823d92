package journal

import (
	"crypto/aes"
	"crypto/cipher"
	"errors"
)

// Sealer encrypts what entries hold about requests and results. Both methods get the key
// of the entry. Open must fail if the text was sealed with the key of another entry.
type Sealer interface {
	Seal(key string, plain []byte) ([]byte, error)
	Open(key string, sealed []byte) ([]byte, error)
}

// NewSealer returns a [Sealer] with AES-256 in Galois/Counter mode. Each secret has
// 32 random bytes. The first one seals. All of them open, so that a new one can be added
// in front. An entry that none of them opens cannot be resolved.
func NewSealer(secrets ...[]byte) (Sealer, error) {
	if len(secrets) == 0 {
		return nil, errors.New("journal: NewSealer needs a secret")
	}
	var s sealer
	for _, secret := range secrets {
		if len(secret) != 32 {
			return nil, errors.New("journal: a secret must have 32 bytes")
		}
		block, err := aes.NewCipher(secret)
		if err != nil {
			return nil, err
		}
		gcm, err := cipher.NewGCMWithRandomNonce(block)
		if err != nil {
			return nil, err
		}
		s.seals = append(s.seals, gcm)
	}
	return s, nil
}

type sealer struct{ seals []cipher.AEAD }

// String keeps the secrets out of logs.
func (s sealer) String() string { return "journal.Sealer" }

func (s sealer) Seal(key string, plain []byte) ([]byte, error) {
	return s.seals[0].Seal(nil, nil, plain, []byte(key)), nil //nolint:gosec // the cipher makes the nonce
}

func (s sealer) Open(key string, sealed []byte) (plain []byte, err error) {
	for _, seal := range s.seals {
		if plain, err = seal.Open(nil, nil, sealed, []byte(key)); err == nil {
			return plain, nil
		}
	}
	return nil, errors.New("journal: no secret opens the entry")
}
