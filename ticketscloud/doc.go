// Package ticketscloud is a client.
package ticketscloud
