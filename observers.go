package qcloudhttp

import "context"

// Observers returns an Observer that tells every one of list, in its order, of
// the events that it wants. Nil entries are left out; of none the result is
// nil, and of one that one. A panic in one does not keep the others from being
// told.
func Observers(list ...Observer) Observer {
	var all observers
	for _, o := range list {
		if o != nil {
			all = append(all, o)
		}
	}
	switch len(all) {
	case 0:
		return nil
	case 1:
		return all[0]
	}
	return all
}

type observers []Observer

// Enabled reports whether anyone wants an event of the kind.
func (all observers) Enabled(ctx context.Context, kind EventKind, err error) bool {
	for _, o := range all {
		if wants(ctx, o, kind, err) {
			return true
		}
	}
	return false
}

func (all observers) Observe(ctx context.Context, e Event) {
	for _, o := range all {
		if wants(ctx, o, e.Kind, e.Err) {
			observe(ctx, o, e)
		}
	}
}

func wants(ctx context.Context, o Observer, kind EventKind, err error) bool {
	filter, ok := o.(EventFilter)
	return !ok || filter.Enabled(ctx, kind, err)
}
