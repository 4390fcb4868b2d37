#' Rows in chunks
#'
#' Data that come piece by piece, so that only one piece is in memory: `data = chunks(next_chunk)` in [glmpp()].
#'
#' Formulas may say what [far_terms] lists, with medians, quantiles and `poly()`. Rows are counted over all chunks, so that `subset =
#' 1:100` means the first hundred. A chunk may be a tibble or a data.table; may have no rows; may lack levels, classes of the response
#' or positive weights that others have. A column must have one type in all chunks, and factors levels whose order can be known.
#'
#' @param next_chunk A function of one argument `reset`, as for `biglm::bigglm()`. `next_chunk(reset = TRUE)` goes
#'   back to before the first chunk; `next_chunk(reset = FALSE)` returns the next chunk, a data frame, and
#'   NULL after the last. The rows must be the same, in the same order, every time round.
#' @param cache Should the first pass write the columns of the model to a temporary file, for the passes after it to read?
#'   See [csv_chunks()]. It pays where a chunk takes long to come by: text, a database, another machine.
#' @returns An object of class `c("glmpp_chunks", "glmpp_source")` for the argument `data` of [glmpp()].
#' @seealso [far_terms] for what is accepted and what is not.
#' @examples
#' chunks_of <- function(data, rows) {
#'   done <- 0
#'   chunks(function(reset) {
#'     if (reset) return(invisible(done <<- 0))
#'     if (done == nrow(data)) return(NULL)
#'     chosen <- seq(done + 1, min(done + rows, nrow(data)))
#'     done <<- max(chosen)
#'     data[chosen, ]
#'   })
#' }
#' glmpp(am ~ wt, binomial, data = chunks_of(mtcars, 10))
#' @concept out of memory
#' @concept larger than memory
#' @concept big data
#' @export
chunks <- function(next_chunk, cache = FALSE) {
  check_flag(cache, "cache")
  if (!is.function(next_chunk) || (!"reset" %in% names(formals(next_chunk)) && !"..." %in% names(formals(next_chunk)))) {
    stop_glmpp("argument", "`next_chunk` must be a function with an argument `reset`.",
               x = sprintf("It is %s.", describe_type(next_chunk)))
  }
  structure(list(next_chunk = next_chunk, cache = cache), class = c("glmpp_chunks", "glmpp_source"))
}

#' @export
open_reader.glmpp_chunks <- function(source, columns) {
  count <- 0L
  source$next_chunk(reset = TRUE)
  list(
    next_part = function() {
      part <- source$next_chunk(reset = FALSE)
      if (is.null(part)) return(NULL)
      count <<- count + 1L
      if (!is.data.frame(part)) {
        stop_glmpp("parts", "`next_chunk(reset = FALSE)` must return a data frame, or NULL after the last.",
                   x = sprintf("Chunk %d is %s.", count, describe_type(part)))
      }
      plain_part(part, sprintf("chunk %d", count))
    },
    close = function() invisible()
  )
}

# A data frame, as one part.
memory_rows <- function(data) {
  structure(list(data = data), class = c("glmpp_rows", "glmpp_source"))
}

#' @export
open_reader.glmpp_rows <- function(source, columns) {
  is_read <- FALSE
  list(
    next_part = function() {
      if (is_read) return(NULL)
      is_read <<- TRUE
      plain_part(source$data, "the data frame")
    },
    close = function() invisible()
  )
}
