# The rows of a table of effects: which there are, and what is counted for them.

# A row for each coefficient, and for each reference level. `place`: the number of the coefficient; `member` and `level`: for counts.
rows_of_table <- function(object, intercept) {
  schema <- object$schema
  columns <- names(object$coefficients)
  labels <- attr(object$terms, "term.labels")
  rows <- lapply(seq_along(schema$layout), function(k) {
    rows_of_term(schema$layout[[k]], labels[k], which(schema$assign == k), schema)
  })
  first <- if (schema$intercept && intercept) list(table_rows("(Intercept)", 1L, is_mean = TRUE))
  rows <- do.call(rbind, c(first, rows, list(table_rows(character(), integer()))))
  rows$term <- columns[rows$place]
  rows
}

# `cells`: for each row the places of the levels of the term's variables, NULL where it has none.
table_rows <- function(variable, place, level = NA_character_, reference = FALSE, term = NA_integer_, cells = list(NULL), is_mean = FALSE) {
  count <- length(place)
  of <- function(value) rep_len(value, count)
  rows <- data.frame(variable = of(as.character(variable)), level = of(level), reference = of(reference), place = place,
                     is_mean = of(is_mean), is_number = of(FALSE))
  rows$cells <- of(cells)
  rows$members <- of(list(term))
  rows
}

rows_of_term <- function(term, label, places, schema) {
  if (!length(places)) return(NULL)
  members <- schema$variables[term$variables]
  if (!all(vapply(members, is_categorical, NA))) {
    rows <- table_rows(label, places)
    rows$is_number <- length(members) == 1
    return(rows)
  }
  levels_of_columns <- Map(column_levels, members, term$full)
  if (any(vapply(levels_of_columns, is.null, NA))) return(table_rows(label, places))
  cells <- unname(as.matrix(expand.grid(levels_of_columns)))
  rows <- table_rows(label, places, level = cell_names(cells, members), term = term$variables,
                     cells = lapply(seq_len(nrow(cells)), function(k) cells[k, ]), is_mean = all(term$full) && !schema$intercept)
  if (length(members) == 1 && !term$full) with_reference(rows, members[[1]], cells[, 1]) else rows
}

# Where each column is the indicator of one level and one level has none, the levels of the columns; all of them where it is coded in full.
column_levels <- function(variable, full) {
  count <- length(variable$levels)
  if (full) return(seq_len(count))
  is_indicator <- all(variable$value == 1) && variable$columns == count - 1 && length(variable$column) == count - 1 &&
    !anyDuplicated(variable$column) && !anyDuplicated(variable$level)
  if (is_indicator) variable$level[order(variable$column)]
}

cell_names <- function(cells, members) {
  names <- Map(function(k, member) member$levels[cells[, k]], seq_along(members), members)
  do.call(paste, c(unname(names), sep = ":"))
}

with_reference <- function(rows, variable, shown) {
  reference <- setdiff(seq_along(variable$levels), shown)
  row <- table_rows(rows$variable[1], NA_integer_, variable$levels[reference], TRUE, rows$members[[1]], list(reference))
  rbind(rows, row)[order(c(shown, reference)), ]
}

# ---- Counts ----

counts_of_table <- function(object, rows) {
  unknown <- data.frame(n = rep(NA_real_, nrow(rows)), events = rep(NA_real_, nrow(rows)))
  if (inherits(object, "glmpp_remote") || is_left_out(object, "model")) return(unknown)
  frame <- recode_levels(fit_frame(object), object$schema, "error")
  has_events <- has_trials(object$family) || responds_with_counts(object$family)
  weights <- .subset2(object, "prior.weights")
  size <- if (has_trials(object$family)) weights else as.numeric(weights > 0)
  events <- if (has_events) size * observed_response(object)
  for (k in seq_len(nrow(rows))) {
    chosen <- rows_of_cell(rows$cells[[k]], rows$members[[k]], rows$is_number[k], frame, object$schema$variables)
    if (is.null(chosen)) next
    unknown$n[k] <- sum(size[chosen])
    if (has_events) unknown$events[k] <- sum(events[chosen])
  }
  unknown
}

# The numbers of the rows that are counted; NULL: none are.
rows_of_cell <- function(cell, members, is_number, frame, variables) {
  if (is_number) return(seq_len(nrow(frame)))
  if (is.null(cell)) return(NULL)
  is_in <- Map(function(member, place) {
    stored <- stored_variable(variables[[member]], .subset2(frame, member))
    as.integer(stored) + is.logical(stored) == place
  }, members, cell)
  which(Reduce(`&`, is_in))
}
