# Terms by functions that nobody here knows: what they gave within their parts, rows drawn from several parts must give
# again alone, in pairs, in the opposite order and twice.

# A look that is needed before the rows can be read; caught where all parts can be asked.
signal_look <- function(requests, template) {
  stop(structure(class = c("glmpp_look", "error", "condition"),
                 list(message = "a look at all rows is needed", call = NULL, requests = requests, template = template)))
}

rows_per_part <- 8L
most_parts <- 24L

new_probe <- function(expressions, envir) {
  kept <- list()
  count <- 0L
  values_of <- function(rows) lapply(expressions, function(expression) in_frame(eval(expression, rows, envir)))
  refuse <- function(k, reason) stop_needs_all(expressions[[k]], reason)
  compare <- function(rows, expected, reason) {
    for (k in seq_along(expressions)) {
      again <- tryCatch(suppressWarnings(eval(expressions[[k]], rows, envir)), error = function(e) NULL)
      if (!is_same_column(again, expected[[k]])) refuse(k, reason)
    }
  }
  list(
    add = function(part) {
      if (!nrow(part)) return(invisible())
      values <- values_of(part)
      if (any(vapply(values, NROW, 0L) != nrow(part))) return(invisible())
      odd <- seq(1L, min(nrow(part), 1e4), by = 2L)
      if (count == 0L) {
        compare(nameless_rows(part, odd), lapply(values, take_rows, odd), "Every other row gives something else than all of them.")
      }
      chosen <- unique(round(seq(1, nrow(part), length.out = min(rows_per_part, nrow(part)))))
      slot <- if (count < most_parts) count else most_parts %/% 2L + count %% (most_parts %/% 2L)
      kept[[slot + 1L]] <<- list(rows = nameless_rows(part, chosen), values = lapply(values, take_rows, chosen))
      count <<- count + 1L
    },
    check = function() {
      if (!length(kept)) return(invisible())
      rows <- bind_columns(lapply(kept, `[[`, "rows"))
      rows <- structure(rows, class = "data.frame", row.names = .set_row_names(NROW(rows[[1]])))
      values <- lapply(seq_along(expressions), function(k) {
        Reduce(bind_values, lapply(kept, function(part) plain_values(part$values[[k]])))
      })
      all <- seq_len(nrow(rows))
      at <- function(chosen, reason) compare(nameless_rows(rows, chosen), lapply(values, take_rows, chosen), reason)
      for (row in unique(round(seq(1, length(all), length.out = min(60, length(all)))))) at(row, "A row alone gives something else.")
      for (row in utils::head(all[-1], 20)) at(c(row, 1L), "Two rows give something else than each alone.")
      at(rev(all), "Rows of several parts together give something else.")
      at(rep(all, 2), "Rows that are there twice give something else.")
    }
  )
}

take_rows <- function(values, rows) if (length(dim(values)) == 2) values[rows, , drop = FALSE] else values[rows]

plain_values <- function(values) if (is.factor(values)) as.character(values) else values

bind_values <- function(a, b) if (is.matrix(a)) rbind(a, b) else c(a, b)
