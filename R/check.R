check_positive <- function(value, name) {
  if (is.numeric(value) && length(value) == 1 && is.finite(value) && value > 0) return(invisible())
  stop_glmpp("argument", sprintf("`%s` must be one positive number.", name),
             x = sprintf("It is %s.", value_text(value)))
}

check_count <- function(value, name) {
  if (is.numeric(value) && length(value) == 1 && is.finite(value) && value >= 1 && value == floor(value) &&
        value <= .Machine$integer.max) return(invisible())
  stop_glmpp("argument", sprintf("`%s` must be one whole number of at least 1.", name),
             x = sprintf("It is %s.", value_text(value)),
             i = if (is.numeric(value) && isTRUE(value > .Machine$integer.max)) sprintf("The most is %d.", .Machine$integer.max))
}

check_share <- function(value, name) {
  if (is.numeric(value) && length(value) == 1 && is.finite(value) && value > 0 && value < 1) return(invisible())
  stop_glmpp("argument", sprintf("`%s` must be one number between 0 and 1.", name),
             x = sprintf("It is %s.", value_text(value)))
}

check_flag <- function(value, name) {
  if ((is.logical(value) || is.numeric(value)) && length(value) == 1 && !is.na(value)) return(invisible())
  stop_glmpp("argument", sprintf("`%s` must be TRUE or FALSE.", name), x = sprintf("It is %s.", value_text(value)))
}

# match.arg() with a classed error: the default is the first choice.
check_choice <- function(value, choices, name) {
  if (is.null(value) || identical(value, choices[1]) || identical(value, choices)) return(choices[1])
  found <- if (is.character(value) && length(value) == 1) pmatch(value, choices)
  if (length(found) && !is.na(found)) return(choices[found])
  stop_glmpp("argument", sprintf("`%s` must be one of %s.", name, comma(dQuote(choices, FALSE))),
             x = sprintf("It is %s.", value_text(value)), i = did_you_mean(value, choices))
}

# A misspelt argument is told before anything is evaluated.
check_arguments <- function(call) {
  given <- names(call)
  own <- names(formals(glmpp))
  if (all(match(given, c("", own), 0L) > 0L) && !any(given == "control")) return(invisible())
  controls <- control_names
  unknown <- given[!given %in% c("", own, controls)]
  if (length(unknown)) {
    stop_glmpp("argument", sprintf("`%s` is not an argument of glmpp() or glmpp_control().", unknown[1]),
               i = did_you_mean(unknown[1], setdiff(c(own, controls), "...")),
               i = paste("glmpp_control() takes", comma(controls, 20)))
  }
  ignored <- if ("control" %in% given) setdiff(intersect(given, controls), own)
  if (length(ignored)) {
    warn_glmpp("argument", sprintf("`%s` has no effect, since `control` is given.", ignored[1]),
               i = sprintf("Write `control = glmpp_control(%s = )`.", ignored[1]))
  }
}

did_you_mean <- function(value, known) {
  known <- nearest_names(value, known)
  if (length(known)) sprintf("Did you mean %s?", comma(known))
}

# A formula, or what glm() takes for one.
check_formula <- function(formula, envir) {
  if (missing(formula)) stop_glmpp("formula", "`formula` is missing.", i = "Write `glmpp(y ~ x, family, data)`.")
  if (inherits(formula, "formula")) return(with_absorb(formula))
  made <- if (is.character(formula) || is.call(formula)) {
    tryCatch(stats::as.formula(formula, envir), error = function(e) NULL)
  }
  if (inherits(made, "formula")) return(with_absorb(made))
  stop_glmpp("formula", "`formula` must be a formula, such as `y ~ x`.", x = sprintf("It is %s.", describe_type(formula)),
             i = if (is.data.frame(formula)) "The formula comes first: `glmpp(y ~ x, family, data)`.")
}

check_threads <- function(threads) {
  if (is.null(threads)) return(NULL)
  check_count(threads, "threads")
  as.integer(min(threads, 1024))
}

default_flags <- list(model = TRUE, x = FALSE, y = TRUE, singular.ok = TRUE)

check_flags <- function(values) {
  if (identical(values, default_flags)) return(invisible())
  for (name in names(values)) if (!isTRUE(values[[name]]) && !isFALSE(values[[name]])) check_flag(values[[name]], name)
}

# The `x` of glmpp_fit(): numbers, one row per response.
check_design_matrix <- function(x, rows, is_sparse) {
  if (is.null(x)) stop_matrix_type(x, "For no columns give `matrix(0, length(y), 0)`.")
  if (!is_sparse) {
    if (is.object(x) || !is.matrix(x)) {
      if (inherits(x, "sparseMatrix")) stop_matrix_type(x, "Make it one by `as(x, \"CsparseMatrix\")`, with double values.")
      x <- as.matrix(x)
    }
    if (!is.numeric(x) && !is.logical(x)) stop_matrix_type(x, "Use model.matrix(), or glmpp() with a formula.")
  } else if (is.character(flaw <- methods::validObject(x, test = TRUE))) {
    stop_matrix_type(x, sprintf("Its slots don't fit together: %s.", flaw[1]))
  }
  if (rows == 0) stop_glmpp("no_rows", "0 rows to fit.", x = "`y` is empty.")
  if (dim(x)[1L] == rows) return(x)
  stop_glmpp("design", "`x` must have one row per element of `y`.",
             x = sprintf("It has %s; `y` has %d.", plural(nrow(x), "row"), rows))
}

stop_matrix_type <- function(x, remedy) {
  stop_glmpp("design", "`x` must be a numeric matrix or a Matrix::dgCMatrix.", x = sprintf("It is %s.", describe_type(x)),
             i = remedy)
}

# Prior weights: numeric, non-negative, finite, one per row; all zero only where other rows may have some.
check_weights <- function(weights, rows, threads = NULL, is_part = FALSE) {
  if (is.null(weights)) return(NULL)
  if (!is.numeric(weights)) {
    stop_glmpp("weights", "`weights` must be a numeric vector.",
               x = sprintf("It is %s.", describe_type(weights)))
  }
  if (NCOL(weights) > 1) {
    stop_glmpp("weights", "`weights` must be a vector.", x = sprintf("It is a matrix of %d columns.", NCOL(weights)))
  }
  check_length(weights, rows, "weights")
  scan <- summarise_numeric(weights, threads)
  if (scan$first_bad > 0) {
    stop_glmpp("weights", "`weights` must be finite.",
               x = sprintf("Element %d is %s.", scan$first_bad, format(weights[scan$first_bad])))
  }
  if (scan$min < 0) {
    first <- which(weights < 0)[1]
    stop_glmpp("weights", "`weights` must be non-negative: negative weights not allowed.",
               x = sprintf("Element %d is %s.", first, format(weights[first])))
  }
  if (rows && scan$max == 0 && !is_part) stop_no_weight("`weights` are 0 in every row.")
  # Products of integers overflow.
  as.double(weights)
}

stop_no_weight <- function(reason) {
  stop_glmpp("weights", "No row has any weight: there is nothing to fit.", x = reason,
             i = "Give rows that should count a positive weight.")
}

check_offset <- function(offset, rows, threads = NULL) {
  if (is.null(offset)) return(NULL)
  if (!is.numeric(offset)) {
    stop_glmpp("offset", "`offset` must be a numeric vector.",
               x = sprintf("It is %s.", describe_type(offset)))
  }
  if (NCOL(offset) > 1) {
    stop_glmpp("offset", "`offset` must be a vector.", x = sprintf("It is a matrix of %d columns.", NCOL(offset)))
  }
  check_length(offset, rows, "offset")
  scan <- summarise_numeric(offset, threads)
  if (scan$first_bad > 0) {
    value <- offset[scan$first_bad]
    stop_glmpp("offset", "`offset` must be finite.",
               x = sprintf("Element %d is %s.", scan$first_bad, format(value)),
               i = if (identical(value, -Inf)) "log(0) gives -Inf: is an exposure zero?")
  }
  as.double(offset)
}

check_length <- function(values, rows, name, class = name) {
  if (length(values) == rows) return(invisible())
  stop_glmpp(class, sprintf("`%s` must have one element per row.", name),
             x = sprintf("It has %d; the response has %d.", length(values), rows))
}

# Infinite or missing values in the matrix that glmpp_fit() was given.
check_matrix_values <- function(x, is_sparse, threads) {
  values <- if (is_sparse) x@x else x
  if (is_plain_impl(values, if (is_sparse) 0 else dim(x)[1L], threads)) return(invisible())
  if (!is_sparse) refuse_integer64_bits(x)
  bad <- which(!is.finite(values))
  if (!length(bad)) return(invisible())
  row <- if (is_sparse) x@i[bad[1]] + 1L else (bad[1] - 1L) %% nrow(x) + 1L
  column <- if (is_sparse) findInterval(bad[1] - 1L, x@p) else (bad[1] - 1L) %/% nrow(x) + 1L
  name <- sprintf("column %s of `x`", if (is.null(colnames(x))) column else dQuote(colnames(x)[column], FALSE))
  stop_glmpp(if (is.na(values[bad[1]])) "missing" else "infinite", sprintf("NA/NaN/Inf in %s: `x` must be finite.", name),
             x = sprintf("Row %d is %s (%s in all).", row, format(values[bad[1]]), plural(length(bad), "element")),
             i = "Leave such rows out of `x` and `y`.")
}

# model.matrix() reads the bits of an integer64 as doubles: positive ones below 2^52 make numbers that no data have.
refuse_integer64_bits <- function(x) {
  smallest <- .Machine$double.xmin
  head <- x[seq_len(min(nrow(x), 10)), , drop = FALSE]
  looks_like_bits <- function(values) any(values != 0, na.rm = TRUE) && all(abs(values) < smallest, na.rm = TRUE)
  for (k in which(apply(head, 2, looks_like_bits))) {
    if (!looks_like_bits(x[, k])) next
    stop_glmpp("integer64", sprintf("Column %s of `x` holds the bits of integer64 numbers.",
                                    if (is.null(colnames(x))) k else dQuote(colnames(x)[k], FALSE)),
               x = "model.matrix(), and so glm(), reads them as doubles near 1e-320.",
               i = "Make the variable double by `as.numeric()` in the data, or use glmpp(), which does.")
  }
}

# Rows that are `dropped` for what they miss may hold anything.
refuse_infinite <- function(scan, frame, dropped = NULL) {
  for (k in which(scan$first_infinite > 0)) {
    row <- setdiff(which(rowSums(is.infinite(as.matrix(frame[[k]]))) > 0), dropped)[1]
    if (is.na(row)) next
    stop_glmpp("infinite", sprintf("NA/NaN/Inf: column `%s` must be finite.", names(frame)[k]),
               x = sprintf("Row %d is infinite.", row),
               i = "Was it made by log(0) or a division by zero? Recode it, or drop such rows by `subset`.")
  }
}
