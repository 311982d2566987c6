"""The file system: the only room that opens, writes, renames or removes anything.

    reading.py   what stands in a checkout: never outside its folder, regular, bounded, without waiting
    named.py     what the command line or a variable names: to read it, write it, add to it
    private.py   pmsync's own memory, in folders that only this user may change
    packaged.py  what was installed with pmsync
    nowhere.py   what a stream that is closed becomes

What travels with a checkout was written by whoever opened a pull request: each name in it may be a link, a
pipe or a device, and may be another one a moment later. So what counts is never the name, but where the
opened descriptor is. Hard links cannot be told from files, and are not tried to be: whoever could make one
of a file could read that file. This room must not know what a file is for, nor what its bytes mean.
"""
