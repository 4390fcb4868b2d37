# A spread-out sample of the rows of a stream of unknown length: every stride-th row, the stride doubled whenever
# there are too many. The same rows every time; the user's random numbers are left alone.

new_sampler <- function(most = 32768) {
  frames <- list()
  indices <- list()
  stride <- 1
  seen <- 0
  thin <- function() {
    stride <<- 2 * stride
    kept <- lapply(indices, function(index) which(index %% stride == 0))
    frames <<- Map(nameless_rows, frames, kept)
    indices <<- Map(`[`, indices, kept)
  }
  list(
    add = function(frame) {
      index <- seen + seq_len(nrow(frame))
      seen <<- seen + nrow(frame)
      chosen <- which(index %% stride == 0)
      frames <<- c(frames, list(nameless_rows(frame, chosen)))
      indices <<- c(indices, list(index[chosen]))
      most <<- max(most, nrow(frame) / 8)
      while (sum(lengths(indices)) > 2 * most) thin()
    },
    # The sample as one model frame, its `share` of the rows seen as an attribute; NULL where a sample does not pay
    # for a fit to `total` rows.
    rows = function(schema, total) {
      if (sample_stride_impl(total, length(schema$columns)) < 2 || seen == 0) return(NULL)
      count <- sum(lengths(indices))
      if (count < 24 * length(schema$columns) * seen / total) return(NULL)
      frame <- do.call(rbind, lapply(frames[lengths(indices) > 0], recode_levels, schema, "error"))
      structure(frame, terms = schema$terms, share = count / seen)
    }
  )
}

# rbind() would make names of rows unique, which takes longer than all else here.
nameless_rows <- function(frame, rows) {
  frame <- frame[rows, , drop = FALSE]
  attr(frame, "row.names") <- .set_row_names(length(rows))
  frame
}
