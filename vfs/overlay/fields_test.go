package overlay_test

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"emurun/snapshot/wire/wiretest"
	"emurun/vfs/capture"
	"emurun/vfs/overlay"
	"emurun/vfs/vfstest"
)

// derived are the fields that are not frozen: what the host has of the file system, where pages
// are, and what is only used while something thaws.
var derived = map[string]bool{
	"overlay.FS.changed": true, "overlay.FS.placed": true, "overlay.FS.marked": true, "overlay.FS.busy": true, "overlay.FS.synced": true,
	"overlay.FS.strayed": true, "overlay.FS.foreign": true,
	"overlay.Options.Clock": true, "overlay.Options.Scratch": true, "overlay.Options.Observe": true, "overlay.Options.MemoryLimit": true,
	"overlay.Options.SizeLimit": true, "overlay.Options.RootMode": true, "overlay.Options.UID": true, "overlay.Options.GID": true, "overlay.Options.Time": true,
	"overlay.FS.mapped": true, "overlay.FS.over": true,
	"overlay.node.at": true, "overlay.node.past": true, "overlay.node.id": true, "overlay.node.runs": true, "overlay.node.checked": true,
	"overlay.page.data": true, "overlay.page.slot": true, "overlay.page.born": true, "overlay.page.gen": true, "overlay.page.where": true, "overlay.page.clean": true,
	"overlay.store.limit": true, "overlay.store.inMemory": true, "overlay.store.queue": true, "overlay.store.scratch": true, "overlay.store.spare": true,
	"overlay.store.slots": true, "overlay.store.free": true, "overlay.store.epoch": true, "overlay.store.holds": true, "overlay.store.late": true,
	"overlay.store.source": true, "overlay.store.base": true, "overlay.store.gen": true, "overlay.store.changed": true, "overlay.store.done": true,
	"capture.FS.opt": true, "capture.FS.fresh": true, "capture.FS.waste": true, "capture.FS.base": true, "capture.FS.source": true,
	"capture.FS.back": true, "capture.FS.recount": true, "capture.FS.numbers": true, "capture.FS.devs": true, "capture.FS.learned": true,
	"capture.node.back": true, "capture.node.same": true, "capture.node.at": true, "capture.node.checked": true,
	"capture.content.stored": true, "capture.content.sourced": true, "capture.content.thawed": true,
	// No node of the sample has one.
	"overlay.node.NodeDefaults": true, "capture.node.NodeDefaults": true, "overlay.span.from": true, "capture.extent.from": true,
	"vfs.NodeDefaults.cache": true, "vfs.NodeDefaults.writers": true, "overlay.node.domain": true, "capture.node.device": true, "capture.FS.devices": true,
	"vfs.Attr.Rdev": true, "vfs.Attr.Dev": true, "overlay.Options.Dev": true,
	"overlay.store.most": true, "capture.node.small": true, "vfs.Statfs.Flags": true,
}

func fieldName(t reflect.Type, field string) string {
	name := t.String()
	for i := range name {
		if name[i] == '[' {
			return name[:i] + "." + field
		}
	}
	return name + "." + field
}

// TestFields thaws a sample and compares all fields but the derived ones, each of which is set
// somewhere in the sample.
func TestFields(t *testing.T) {
	fs := sample(t)
	var pages wiretest.Pages
	s := pages.Freeze(t, sampleKinds(fs), fs)
	got := overlay.New(overlay.Options{Lower: capture.New(nil, capture.Options{}), Clock: now})
	s.Thaw(t, sampleKinds(got))
	set := map[string]bool{}
	if d := cmp.Diff(fields(fs, set), fields(got, map[string]bool{})); d != "" {
		t.Errorf("thawed differently (-want +got)\n%s", d)
	}
	if d := cmp.Diff(vfstest.Full(fs.Root()), vfstest.Full(got.Root())); d != "" {
		t.Errorf("(-want +thawed)\n%s", d)
	}
	for name, is := range set {
		if !is && !derived[name] {
			t.Errorf("%s is set nowhere in the sample", name)
		}
	}
}

// fields lists all fields below v but the derived ones. set says which are not zero anywhere.
func fields(v any, set map[string]bool) []string {
	l := &lister{seen: map[uintptr]int{}, set: set}
	l.value("", reflect.ValueOf(v))
	return l.lines
}

type lister struct {
	lines []string
	seen  map[uintptr]int
	set   map[string]bool
}

func (l *lister) add(path string, v ...any) { l.lines = append(l.lines, path+" "+fmt.Sprint(v...)) }

func (l *lister) value(path string, v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer:
		n, again := l.seen[v.Pointer()]
		if v.IsNil() || again {
			l.add(path, "object ", n)
			return
		}
		l.seen[v.Pointer()] = len(l.seen) + 1
		l.value(path, v.Elem())
	case reflect.Interface:
		if !v.IsNil() {
			l.value(path, v.Elem())
		}
	case reflect.Slice, reflect.Array:
		l.add(path, "of ", v.Len())
		for i := range v.Len() {
			l.value(path+"[]", v.Index(i))
		}
	case reflect.Map:
		l.add(path, "of ", v.Len())
		keys := v.MapKeys()
		if len(keys) > 0 && keys[0].Kind() == reflect.Interface {
			return // by identity: the values are elsewhere too
		}
		slices.SortFunc(keys, func(a, b reflect.Value) int { return cmpText(a, b) })
		for _, k := range keys {
			l.value(fmt.Sprintf("%s[%v]", path, k), v.MapIndex(k))
		}
	case reflect.Struct:
		l.fields(path, v)
	default:
		l.add(path, v)
	}
}

func (l *lister) fields(path string, v reflect.Value) {
	for i := range v.NumField() {
		name := fieldName(v.Type(), v.Type().Field(i).Name)
		l.set[name] = l.set[name] || !v.Field(i).IsZero()
		if !derived[name] {
			l.value(path+"."+v.Type().Field(i).Name, v.Field(i))
		}
	}
}

func cmpText(a, b reflect.Value) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) }
