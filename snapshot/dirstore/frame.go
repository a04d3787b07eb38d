package dirstore

// cacheSize is how many decompressed frames are remembered: neighbours are asked for
// soon, and the nodes on the way to a page are in another frame than the page.
const cacheSize = 16

// frameCache is the frames used last, the newest at the end.
type frameCache []cachedFrame

type cachedFrame struct {
	name  string
	frame uint32
	raw   []byte
}

// get returns a decompressed frame of a pack.
func (c *frameCache) get(f files, file *packFile, frame uint32) ([]byte, error) {
	list := *c
	for i := len(list) - 1; i >= 0; i-- {
		if hit := list[i]; hit.frame == frame && hit.name == file.name {
			copy(list[i:], list[i+1:])
			list[len(list)-1] = hit
			return hit.raw, nil
		}
	}
	raw, err := readFrame(f, file, frame)
	if err != nil {
		return nil, err
	}
	if len(list) >= cacheSize {
		list = append(list[:0], list[1:]...)
	}
	*c = append(list, cachedFrame{file.name, frame, raw})
	return raw, nil
}

func readFrame(f files, file *packFile, frame uint32) ([]byte, error) {
	r, _, err := f.Open(packDir + "/" + file.name)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	at := file.index.Frames[frame]
	p := make([]byte, at.Size)
	if n, err := r.ReadAt(p, int64(at.Offset)); n < len(p) {
		return nil, err
	}
	return at.Open(p)
}
