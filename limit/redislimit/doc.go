// Package redislimit is where one quota is to be shared by many machines: an
// implementation of limit.Pace, for limit.Adaptive's Pace field, that asks a
// Redis which all of them use. It has no code yet.
package redislimit
