# What was found out of the last formula, for the next fit by the same one: a simulation, a bootstrap by hand or a profile fits
# one formula a thousand times, and its meaning takes as long as a fit of few rows. Nothing of the data is kept but levels of
# factors, and no environment.

# Of a formula on columns of these names: its terms, with their variables as `predvars`, the names of the variables, whether all of
# them are plain columns, and whether all that stands in the formula is columns and operators. NULL where anything else stands there
# but functions of columns.
recent_terms <- function(formula, data) {
  found <- reference_cache$recent_terms
  columns <- names(data)
  expression <- formula
  attributes(expression) <- NULL
  if (is.null(found) || !identical(found$formula, expression) || !identical(found$columns, columns)) {
    used <- all.names(formula)
    known <- match(used, c(formula_operators, columns), 0L) > 0L
    if (!all(known) && !all(used[!known] %in% functions_of_columns)) return(NULL)
    terms <- stats::terms(formula, data = data)
    variables <- as.list(attr(terms, "variables"))[-1L]
    are_symbols <- vapply(variables, is.symbol, NA)
    # as.character() of a call of variables writes backticks around some.
    names <- as.character(attr(terms, "variables"))[-1L]
    names[are_symbols] <- vapply(variables[are_symbols], as.character, "")
    attr(terms, "predvars") <- attr(terms, "variables")
    attr(terms, ".Environment") <- NULL
    found <- list(formula = expression, columns = columns, terms = terms, names = names, are_columns = all(are_symbols),
                  are_known = all(known))
    assign("recent_terms", found, envir = reference_cache)
  }
  attr(found$terms, ".Environment") <- environment(formula)
  found
}

# The schema of a frame whose columns are plain numbers and factors; NULL where the last one was another, or for others.
recent_schema <- function(key, terms) {
  last <- reference_cache$recent_schema
  if (is.null(key) || is.null(last) || !identical(last$key, key)) return(NULL)
  schema <- last$schema
  schema$terms <- terms
  schema
}

remember_schema <- function(key, schema) {
  if (is.null(key)) return(schema)
  schema$blocks <- schema_blocks(schema)
  kept <- schema
  kept["terms"] <- list(NULL)
  assign("recent_schema", list(key = key, schema = kept), envir = reference_cache)
  schema
}

# All that a schema depends on. The attributes of terms hold the variables, and no data.
schema_key <- function(frame, contrasts) {
  if (!is.null(contrasts) || !is.null(attr(frame, "units")) || !is.null(attr(frame, "of_all_rows"))) return(NULL)
  columns <- vector("list", length(frame))
  coded_by <- NULL
  for (k in seq_along(columns)) {
    column <- .subset2(frame, k)
    if (is.object(column) || is.logical(column)) coded_by <- getOption("contrasts")
    if (is.object(column)) {
      if (!is.factor(column) || !is.null(attr(column, "contrasts")) || length(levels(column)) > most_levels_kept) return(NULL)
      columns[[k]] <- attributes(column)
    } else if (is.character(column)) {
      return(NULL)
    } else if (is.null(attributes(column))) {
      columns[[k]] <- typeof(column)
    } else {
      if (!all(names(attributes(column)) %in% c("dim", "dimnames"))) return(NULL)
      columns[[k]] <- list(typeof(column), dim(column)[-1L], colnames(column))
    }
  }
  if (!are_contrasts_of_stats(coded_by)) return(NULL)
  terms <- attr(frame, "terms")
  # That the response stands on the right-hand side too is said each time.
  response <- attr(terms, "response")
  factors <- attr(terms, "factors")
  if (length(factors) && response > 0 && any(factors[response, ] > 0)) return(NULL)
  attr(terms, ".Environment") <- NULL
  list(terms = terms, columns = columns, names = names(frame), contrasts = coded_by)
}

# Functions of the same names may stand before those of stats.
are_contrasts_of_stats <- function(contrasts) {
  for (name in contrasts) {
    if (!is.character(name)) return(FALSE)
    found <- get0(name, mode = "function")
    is_of_stats <- identical(found, stats::contr.treatment) || identical(found, stats::contr.poly) || identical(found, stats::contr.sum) ||
      identical(found, stats::contr.helmert) || identical(found, stats::contr.SAS)
    if (!is_of_stats) return(FALSE)
  }
  TRUE
}

most_levels_kept <- 1000
