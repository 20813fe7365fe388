;; Masking (RFC 6455 §5.3) with 128-bit SIMD: unmasks a payload, moves it to a
;; lower or the same address, and checks whether it is all ASCII. mask.ts has the
;; same in TypeScript. tests/lib/frame/codec/mask_test.ts checks that unmask.wasm is
;; the assembly of this text.
(module
  ;; 4096 pages of 64 KiB: 256 MiB. The memory never grows, so its ArrayBuffer is
  ;; never detached, and reads and writes can use it. A page that was never written
  ;; to takes no physical memory.
  (memory (export "memory") 4096 4096)

  ;; target <= source; the key's first byte is in its lowest bits.
  ;; Returns 0 when every byte is ASCII after unmasking.
  (func (export "unmask")
    (param $source i32) (param $target i32) (param $length i32) (param $key i32)
    (result i32)
    (local $end i32)
    (local $keys v128)
    (local $block v128)
    (local $seen v128)
    (local $word i32)
    (local $tail i32)

    (local.set $keys (i32x4.splat (local.get $key)))

    ;; sixteen bytes at a time
    (local.set $end (i32.add (local.get $source)
      (i32.and (local.get $length) (i32.const -16))))
    (block $blocks_done
      (loop $blocks
        (br_if $blocks_done (i32.ge_u (local.get $source) (local.get $end)))
        (local.set $block (v128.xor
          (v128.load align=1 (local.get $source)) (local.get $keys)))
        (v128.store align=1 (local.get $target) (local.get $block))
        (local.set $seen (v128.or (local.get $seen) (local.get $block)))
        (local.set $source (i32.add (local.get $source) (i32.const 16)))
        (local.set $target (i32.add (local.get $target) (i32.const 16)))
        (br $blocks)))

    ;; four bytes at a time
    (local.set $end (i32.add (local.get $source)
      (i32.and (local.get $length) (i32.const 12))))
    (block $words_done
      (loop $words
        (br_if $words_done (i32.ge_u (local.get $source) (local.get $end)))
        (local.set $word (i32.xor
          (i32.load align=1 (local.get $source)) (local.get $key)))
        (i32.store align=1 (local.get $target) (local.get $word))
        (local.set $tail (i32.or (local.get $tail) (local.get $word)))
        (local.set $source (i32.add (local.get $source) (i32.const 4)))
        (local.set $target (i32.add (local.get $target) (i32.const 4)))
        (br $words)))

    ;; the last bytes, at most three
    (local.set $end (i32.add (local.get $source)
      (i32.and (local.get $length) (i32.const 3))))
    (block $bytes_done
      (loop $bytes
        (br_if $bytes_done (i32.ge_u (local.get $source) (local.get $end)))
        (local.set $word (i32.and (i32.const 0xff) (i32.xor
          (i32.load8_u (local.get $source)) (local.get $key))))
        (i32.store8 (local.get $target) (local.get $word))
        (local.set $tail (i32.or (local.get $tail) (local.get $word)))
        (local.set $key (i32.rotr (local.get $key) (i32.const 8)))
        (local.set $source (i32.add (local.get $source) (i32.const 1)))
        (local.set $target (i32.add (local.get $target) (i32.const 1)))
        (br $bytes)))

    (i32.or
      (i8x16.bitmask (local.get $seen))
      (i32.and (local.get $tail) (i32.const 0x80808080)))))
