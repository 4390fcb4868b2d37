# The rows that average effects are taken over: data frames of the variables that the formula starts from, before it makes columns
# of them, so that a variable can be moved wherever it stands.

# A function that hands each part of the rows to `work`, one after the other; `more`: names of columns beside the model's.
effect_parts <- function(object, newdata, more) {
  columns <- union(predictor_columns(object), more)
  if (is_source(newdata)) return(parts_of_source(newdata, columns, function(part) complete_new_rows(object, part)))
  if (!is.null(newdata)) {
    if (!is.data.frame(newdata)) check_newdata_type(newdata)
    refuse_data_references(stats::delete.response(object$terms), newdata)
    return(one_part(complete_new_rows(object, as.data.frame(newdata))))
  }
  if (!inherits(object, "glmpp_remote")) return(one_part(variables_of_fit(object, columns)))
  remote <- object$remote
  columns <- if (!is.null(remote$model$columns)) union(remote$model$columns, more)
  parts_of_source(remote$source, columns, function(part) complete_new_rows(object, part_of_fit(remote$model, object$schema, part)))
}

one_part <- function(rows) {
  force(rows)
  function(work) work(rows)
}

parts_of_source <- function(source, columns, prepare) {
  if (inherits(source, "tbl_lazy")) source <- database_of_tbl(source)
  refuse_sums_only(source)
  function(work) {
    reader <- numbered(open_reader(source, columns))
    on.exit(reader$close())
    repeat {
      part <- reader$next_part()
      if (is.null(part)) return(invisible())
      in_part(attr(part, "label"), work(prepare(part)))
    }
  }
}

check_newdata_type <- function(newdata) {
  stop_glmpp("newdata", "`newdata` must be a data frame, or a source of rows such as csv_chunks().",
             x = sprintf("It is %s.", describe_type(newdata)))
}

refuse_sums_only <- function(source) {
  is_database <- inherits(source, "glmpp_database")
  has_reader <- any(vapply(class(source), function(class) {
    !is.null(utils::getS3method("open_reader", class, optional = TRUE, envir = asNamespace("glmpp")))
  }, NA))
  if (has_reader && !(is_database && sums_where(source) == "database")) return(invisible())
  stop_glmpp("rows", "average_effects() moves the variables of each row, and from there come sums only.",
             i = if (is_database) "Stream the rows: `newdata = in_database(con, table, where = \"stream\")`, or a sample of them as a data frame."
                 else "Give rows as `newdata`: a data frame with a sample of them, or csv_chunks(), parquet_chunks() or chunks().")
}

# Of a part of the fit's own source, the rows that the fit has taken.
part_of_fit <- function(model, schema, part) {
  first_row <- attr(part, "first_row")
  part <- with_raw_levels(part, model$raw_levels)
  attr(part, "row.names") <- .set_row_names(nrow(part))
  frame <- apply_na_action(part_frame(model, structure(part, first_row = first_row), schema$terms), model$na_action, model$threads)
  part[as.integer(attr(frame, "row.names")), , drop = FALSE]
}

# Without those that miss a value, as predict() gives NA for them.
complete_new_rows <- function(object, rows) {
  if (!nrow(rows)) return(rows)
  without_rows_of(rows, read_new_rows(object, rows, stats::na.pass, "error")$unknown)
}

without_rows_of <- function(rows, places) if (length(places)) rows[-places, , drop = FALSE] else rows

# The variables of the rows of a fit in memory, as its data have them.
variables_of_fit <- function(object, columns) {
  if (is_left_out(object, "data")) {
    stop_glmpp("left_out", "This fit was made without `data`.", i = "Give them as `newdata`, or fit again with `keep = \"all\"`.")
  }
  data <- .subset2(object, "data")
  terms <- object$terms
  refuse_data_references(stats::delete.response(terms), if (is.list(data)) data else list())
  envir <- environment(terms)
  evaluate <- function(expression) eval(expression, data, envir)
  count <- if (is.data.frame(data)) nrow(data) else NROW(evaluate(attr(terms, "variables")[[1 + max(1, attr(terms, "response"))]]))
  rows <- Filter(function(values) is.atomic(values) && NROW(values) == count, sapply(columns, function(name) {
    tryCatch(evaluate(as.name(name)), error = function(e) NULL)
  }, simplify = FALSE))
  rows <- structure(lapply(rows, as_column), row.names = .set_row_names(count), class = "data.frame")
  subset <- evaluate(object$call$subset)
  if (!is.null(subset)) rows <- rows[subset, , drop = FALSE]
  check_variables_of_fit(object, without_rows_of(rows, .subset2(object, "na.action")))
}

# A vector of one dimension, as tapply() makes, is a plain one; names are none of rows.
as_column <- function(values) if (length(dim(values)) == 1) as.vector(values) else if (is.null(dim(values))) unname(values) else values

# The linear predictor of the rows found must be that of the fit.
check_variables_of_fit <- function(object, rows) {
  known <- .subset2(object, "linear.predictors")
  if (nrow(rows) == length(known)) {
    found <- read_new_rows(object, rows, stats::na.pass, "error")
    eta <- linear_predictor_impl(found$design, unname(known_coefficients(object)), object$solver$threads) + found$offset
    if (length(eta) == length(known) && isTRUE(all(abs(eta - known) <= 1e-6 * (1 + max(abs(known)))))) return(rows)
  }
  stop_glmpp("newdata", "The rows of the fit can't be found again: its data, or what its formula refers to, have changed.",
             i = "Give the rows as `newdata`.")
}

# ---- One row of means ----

# Numbers at their means, levels at the most frequent one, the first of several.
typical_row <- function(object, parts, wts, is_whole, state) {
  facts <- list()
  template <- NULL
  parts(function(rows) {
    if (!nrow(rows)) return(invisible())
    weights <- effect_weights(rows, wts, object)
    names <- intersect(predictor_columns(object), names(rows))
    own <- sapply(names, function(name) facts_of_column(name, rows[[name]], object, weights, is_whole), simplify = FALSE)
    if (is.null(template)) template <<- rows[1, names, drop = FALSE]
    facts <<- if (!length(facts)) own else Map(add_facts, facts, own)
  })
  if (is.null(template)) stop_glmpp("no_rows", "There are no rows to take means of.", x = "All miss a value.")
  for (name in names(template)) {
    state[[name]] <- names(facts[[name]]$levels)
    template[[name]] <- mean_of_facts(name, template[[name]], facts[[name]])
  }
  template
}

# Weights of the levels, or sums of the columns with the weight of all.
facts_of_column <- function(name, column, object, weights, is_whole) {
  by_levels <- !is.numeric(column) && !is.object(column) || is.factor(column) ||
    any(vapply(uses_of(name, object), function(use) is_categorical(use$variable) && keeps_levels(use), NA))
  if (by_levels) {
    levels <- levels_to_move(name, column, object, is_whole)
    return(list(levels = named(vapply(levels, function(level) sum(weights[which(as.character(column) == level)]), 0), levels)))
  }
  values <- matrix(as.double(unclass(plain_column(column, name))), length(weights))
  list(sums = colSums(weights * values), weight = sum(weights))
}

add_facts <- function(a, b) Map(`+`, a, b)

mean_of_facts <- function(name, column, facts) {
  if (!is.null(facts$levels)) return(set_level(name, column, names(facts$levels)[which.max(facts$levels)], names(facts$levels)))
  value <- facts$sums / facts$weight
  attributes(value) <- attributes(plain_column(column, name))
  value
}
