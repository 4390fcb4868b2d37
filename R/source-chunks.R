#' Rows in chunks
#'
#' Data that come piece by piece, so that only one piece is in memory: `data = chunks(next_chunk)` in [glmpp()].
#'
#' @param next_chunk A function of one argument `reset`, as for `biglm::bigglm()`. `next_chunk(reset = TRUE)` goes
#'   back to before the first chunk; `next_chunk(reset = FALSE)` returns the next chunk, a data frame, and
#'   NULL after the last. The rows must be the same, in the same order, every time round.
#' @returns An object of class `c("glmpp_chunks", "glmpp_source")` for the argument `data` of [glmpp()].
#' @export
chunks <- function(next_chunk) {
  structure(list(next_chunk = next_chunk), class = c("glmpp_chunks", "glmpp_source"))
}

open_reader.glmpp_chunks <- function(source, columns) {
  count <- 0L
  source$next_chunk(reset = TRUE)
  list(
    next_part = function() {
      part <- source$next_chunk(reset = FALSE)
      if (is.null(part)) return(NULL)
      count <<- count + 1L
      structure(part, label = sprintf("chunk %d", count))
    },
    close = function() invisible()
  )
}
