;; The inner loops of resize.ts and transforms.ts on vectors of 128 bits, which WebAssembly has and JavaScript has not.
;; `node src/data/assemblePixels.mjs` assembles this file into pixelCode.ts. Lengths and strides are in bytes. Vectors of 16 bytes
;; are read and written at the ends of rows: callers leave 16 bytes free behind every area.
(module
  (memory (export "memory") 1)

  ;; Horizontal pass over `rows` rows of RGB. Of output pixel x, `first` holds the offset of the first input pixel in a
  ;; row, `count` the number of weights, and `weights` + x * `weightStride` the weights (32 bits, 22 of them fractional).
  (func (export "across")
    (param $source i32) (param $stride i32) (param $rows i32)
    (param $first i32) (param $count i32) (param $weights i32) (param $weightStride i32)
    (param $width i32) (param $to i32)
    (local $x i32) (local $from i32) (local $weight i32) (local $end i32) (local $pixelWeights i32)
    (local $next i32) (local $below i32) (local $factor v128) (local $sum v128) (local $sumBelow v128)
    (loop $eachRow
      ;; Two rows at once share the weights. The last of an odd number is made twice, into the same place.
      (local.set $next (i32.const 0))
      (local.set $below (local.get $to))
      (if (i32.gt_u (local.get $rows) (i32.const 1))
        (then
          (local.set $next (local.get $stride))
          (local.set $below
            (i32.add (local.get $to) (i32.mul (local.get $width) (i32.const 3))))))
      (local.set $x (i32.const 0))
      (local.set $pixelWeights (local.get $weights))
      (loop $eachPixel
        (local.set $from
          (i32.add
            (local.get $source)
            (i32.load (i32.add (local.get $first) (i32.shl (local.get $x) (i32.const 2))))))
        (local.set $weight (local.get $pixelWeights))
        (local.set $end
          (i32.add
            (local.get $weight)
            (i32.shl
              (i32.load (i32.add (local.get $count) (i32.shl (local.get $x) (i32.const 2))))
              (i32.const 2))))
        ;; One half, for rounding.
        (local.set $sum (v128.const i32x4 0x200000 0x200000 0x200000 0x200000))
        (local.set $sumBelow (local.get $sum))
        (loop $eachWeight
          (local.set $factor (v128.load32_splat (local.get $weight)))
          (local.set $sum
            (i32x4.add
              (local.get $sum)
              (i32x4.mul
                (local.get $factor)
                (i32x4.extend_low_i16x8_u
                  (i16x8.extend_low_i8x16_u (v128.load32_zero (local.get $from)))))))
          (local.set $sumBelow
            (i32x4.add
              (local.get $sumBelow)
              (i32x4.mul
                (local.get $factor)
                (i32x4.extend_low_i16x8_u
                  (i16x8.extend_low_i8x16_u
                    (v128.load32_zero (i32.add (local.get $from) (local.get $next))))))))
          (local.set $from (i32.add (local.get $from) (i32.const 3)))
          (local.set $weight (i32.add (local.get $weight) (i32.const 4)))
          (br_if $eachWeight (i32.lt_u (local.get $weight) (local.get $end))))
        ;; Narrowing saturates, which is the clipping to 0 to 255.
        (local.set $sum (i32x4.shr_s (local.get $sum) (i32.const 22)))
        (local.set $sum (i16x8.narrow_i32x4_s (local.get $sum) (local.get $sum)))
        (local.set $sum (i8x16.narrow_i16x8_u (local.get $sum) (local.get $sum)))
        (v128.store16_lane 0 (local.get $to) (local.get $sum))
        (v128.store8_lane offset=2 2 (local.get $to) (local.get $sum))
        (local.set $sumBelow (i32x4.shr_s (local.get $sumBelow) (i32.const 22)))
        (local.set $sumBelow (i16x8.narrow_i32x4_s (local.get $sumBelow) (local.get $sumBelow)))
        (local.set $sumBelow (i8x16.narrow_i16x8_u (local.get $sumBelow) (local.get $sumBelow)))
        (v128.store16_lane 0 (local.get $below) (local.get $sumBelow))
        (v128.store8_lane offset=2 2 (local.get $below) (local.get $sumBelow))
        (local.set $to (i32.add (local.get $to) (i32.const 3)))
        (local.set $below (i32.add (local.get $below) (i32.const 3)))
        (local.set $pixelWeights (i32.add (local.get $pixelWeights) (local.get $weightStride)))
        (local.set $x (i32.add (local.get $x) (i32.const 1)))
        (br_if $eachPixel (i32.lt_u (local.get $x) (local.get $width))))
      (local.set $to (local.get $below))
      (local.set $source (i32.add (local.get $source) (i32.shl (local.get $stride) (i32.const 1))))
      (local.set $rows (i32.sub (local.get $rows) (i32.const 2)))
      (br_if $eachRow (i32.gt_s (local.get $rows) (i32.const 0)))))

  ;; Vertical pass to `rows` rows of `length` bytes each. Of output row y, `first` holds the number of the first input row.
  (func (export "down")
    (param $source i32) (param $stride i32) (param $length i32)
    (param $first i32) (param $count i32) (param $weights i32) (param $weightStride i32)
    (param $rows i32) (param $to i32)
    (local $row i32) (local $x i32) (local $from i32) (local $weight i32) (local $end i32)
    (local $factor v128) (local $bytes v128)
    (local $a v128) (local $b v128) (local $c v128) (local $d v128)
    (loop $eachRow
      (local.set $row
        (i32.add
          (local.get $source)
          (i32.mul (i32.load (local.get $first)) (local.get $stride))))
      (local.set $end
        (i32.add
          (local.get $weights)
          (i32.shl (i32.load (local.get $count)) (i32.const 2))))
      (local.set $x (i32.const 0))
      (loop $each16
        (local.set $from (i32.add (local.get $row) (local.get $x)))
        (local.set $weight (local.get $weights))
        (local.set $a (v128.const i32x4 0x200000 0x200000 0x200000 0x200000))
        (local.set $b (local.get $a))
        (local.set $c (local.get $a))
        (local.set $d (local.get $a))
        (loop $eachWeight
          (local.set $factor (v128.load32_splat (local.get $weight)))
          (local.set $bytes (v128.load (local.get $from)))
          (local.set $a
            (i32x4.add
              (local.get $a)
              (i32x4.mul
                (local.get $factor)
                (i32x4.extend_low_i16x8_u (i16x8.extend_low_i8x16_u (local.get $bytes))))))
          (local.set $b
            (i32x4.add
              (local.get $b)
              (i32x4.mul
                (local.get $factor)
                (i32x4.extend_high_i16x8_u (i16x8.extend_low_i8x16_u (local.get $bytes))))))
          (local.set $c
            (i32x4.add
              (local.get $c)
              (i32x4.mul
                (local.get $factor)
                (i32x4.extend_low_i16x8_u (i16x8.extend_high_i8x16_u (local.get $bytes))))))
          (local.set $d
            (i32x4.add
              (local.get $d)
              (i32x4.mul
                (local.get $factor)
                (i32x4.extend_high_i16x8_u (i16x8.extend_high_i8x16_u (local.get $bytes))))))
          (local.set $from (i32.add (local.get $from) (local.get $stride)))
          (local.set $weight (i32.add (local.get $weight) (i32.const 4)))
          (br_if $eachWeight (i32.lt_u (local.get $weight) (local.get $end))))
        ;; What is written beyond the end of a row is overwritten by the next row.
        (v128.store
          (i32.add (local.get $to) (local.get $x))
          (i8x16.narrow_i16x8_u
            (i16x8.narrow_i32x4_s
              (i32x4.shr_s (local.get $a) (i32.const 22))
              (i32x4.shr_s (local.get $b) (i32.const 22)))
            (i16x8.narrow_i32x4_s
              (i32x4.shr_s (local.get $c) (i32.const 22))
              (i32x4.shr_s (local.get $d) (i32.const 22)))))
        (local.set $x (i32.add (local.get $x) (i32.const 16)))
        (br_if $each16 (i32.lt_u (local.get $x) (local.get $length))))
      (local.set $to (i32.add (local.get $to) (local.get $length)))
      (local.set $first (i32.add (local.get $first) (i32.const 4)))
      (local.set $count (i32.add (local.get $count) (i32.const 4)))
      (local.set $weights (i32.add (local.get $weights) (local.get $weightStride)))
      (local.set $rows (i32.sub (local.get $rows) (i32.const 1)))
      (br_if $eachRow (local.get $rows))))

  ;; RGB to three planes of float32, `plane` bytes apart: (byte / 255 - mean) / std, in this order of operations. Rows hold
  ;; `width` pixels, at least 4; they are mirrored where `flip` is 1. `statistics` holds the three means, then the three stds.
  (func (export "normalise")
    (param $source i32) (param $width i32) (param $rows i32)
    (param $statistics i32) (param $flip i32) (param $to i32) (param $plane i32)
    (local $x i32) (local $last i32) (local $at i32) (local $bytes v128)
    (local $pickRed v128) (local $pickGreen v128) (local $pickBlue v128)
    ;; Four pixels' bytes of one channel to the low bytes of four lanes; an index of 128 and more gives 0.
    (local.set $pickRed (v128.const i32x4 0x80808000 0x80808003 0x80808006 0x80808009))
    (if (local.get $flip)
      (then
        (local.set $pickRed (v128.const i32x4 0x80808009 0x80808006 0x80808003 0x80808000))))
    (local.set $pickGreen (i32x4.add (local.get $pickRed) (v128.const i32x4 1 1 1 1)))
    (local.set $pickBlue (i32x4.add (local.get $pickRed) (v128.const i32x4 2 2 2 2)))
    (local.set $last (i32.sub (local.get $width) (i32.const 4)))
    (loop $eachRow
      (local.set $x (i32.const 0))
      (loop $each4
        ;; The last four pixels may overlap the four before.
        (if (i32.gt_u (local.get $x) (local.get $last))
          (then (local.set $x (local.get $last))))
        (local.set $bytes
          (v128.load (i32.add (local.get $source) (i32.mul (local.get $x) (i32.const 3)))))
        (local.set $at
          (i32.add
            (local.get $to)
            (i32.shl
              (select
                (i32.sub (local.get $last) (local.get $x))
                (local.get $x)
                (local.get $flip))
              (i32.const 2))))
        (v128.store
          (local.get $at)
          (f32x4.div
            (f32x4.sub
              (f32x4.div
                (f32x4.convert_i32x4_s (i8x16.swizzle (local.get $bytes) (local.get $pickRed)))
                (v128.const f32x4 255 255 255 255))
              (v128.load32_splat (local.get $statistics)))
            (v128.load32_splat offset=12 (local.get $statistics))))
        (local.set $at (i32.add (local.get $at) (local.get $plane)))
        (v128.store
          (local.get $at)
          (f32x4.div
            (f32x4.sub
              (f32x4.div
                (f32x4.convert_i32x4_s (i8x16.swizzle (local.get $bytes) (local.get $pickGreen)))
                (v128.const f32x4 255 255 255 255))
              (v128.load32_splat offset=4 (local.get $statistics)))
            (v128.load32_splat offset=16 (local.get $statistics))))
        (local.set $at (i32.add (local.get $at) (local.get $plane)))
        (v128.store
          (local.get $at)
          (f32x4.div
            (f32x4.sub
              (f32x4.div
                (f32x4.convert_i32x4_s (i8x16.swizzle (local.get $bytes) (local.get $pickBlue)))
                (v128.const f32x4 255 255 255 255))
              (v128.load32_splat offset=8 (local.get $statistics)))
            (v128.load32_splat offset=20 (local.get $statistics))))
        (local.set $x (i32.add (local.get $x) (i32.const 4)))
        (br_if $each4 (i32.lt_u (local.get $x) (local.get $width))))
      (local.set $source (i32.add (local.get $source) (i32.mul (local.get $width) (i32.const 3))))
      (local.set $to (i32.add (local.get $to) (i32.shl (local.get $width) (i32.const 2))))
      (local.set $rows (i32.sub (local.get $rows) (i32.const 1)))
      (br_if $eachRow (local.get $rows))))
)
