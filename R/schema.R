# The schema: what the formula means once the data are known. It fixes variables, levels, contrasts,
# the order and the names of the columns, and is all that later rows (new data, chunks) need.

new_schema <- function(frame, contrasts = NULL) {
  terms <- attr(frame, "terms")
  key <- schema_key(frame, contrasts)
  recent <- recent_schema(key, terms)
  if (!is.null(recent)) return(recent)
  check_contrasts_argument(contrasts, names(frame))
  frame_names <- names(frame)
  factors <- coding_matrix(terms, frame_names)
  labels <- rownames(factors)
  variables <- vector("list", length(labels))
  is_used <- rowSums(factors) > 0
  for (i in seq_along(variables)) {
    column <- .subset2(frame, i)
    used <- is_used[[i]]
    variable <- new_variable(labels[i], column, contrasts[[frame_names[i]]], used, frame)
    variables[[i]] <- c(variable, list(frame_name = frame_names[i], is_used = used, unit = unit_of(column)))
  }
  schema <- list(terms = terms, intercept = attr(terms, "intercept") > 0L, variables = variables,
                 layout = lapply(seq_len(ncol(factors)), function(k) term_layout(factors[, k])),
                 units = attr(frame, "units"), of_all_rows = attr(frame, "of_all_rows"))
  remember_schema(key, add_column_names(mark_first_factor(schema, factors)))
}

# Rows: variables; columns: terms; 1: by contrasts, 2: by all levels. A term that is the response is dropped,
# as model.matrix() does; its interactions stay.
coding_matrix <- function(terms, names) {
  factors <- attr(terms, "factors")
  count <- length(attr(terms, "variables")) - 1L
  if (!length(factors)) return(matrix(0L, count, 0L, dimnames = list(names[seq_len(count)], NULL)))
  response <- attr(terms, "response")
  if (response == 0 || !any(factors[response, ] > 0)) return(factors)
  is_response <- factors[response, ] > 0 & colSums(factors > 0) == 1
  if (any(is_response)) {
    warn_glmpp("formula", "the response appeared on the right-hand side and was dropped",
               i = sprintf("Take `%s` out of the right-hand side.", names[response]))
    factors[, is_response] <- 0L
  }
  factors
}

check_contrasts_argument <- function(contrasts, known) {
  if (is.null(contrasts)) return(invisible())
  if (!is.list(contrasts) || is.null(names(contrasts))) {
    stop_glmpp("contrasts", "`contrasts` must be a named list.", i = "Write `contrasts = list(variable = \"contr.sum\")`.")
  }
  absent <- setdiff(names(contrasts), known)
  if (length(absent)) {
    warn_glmpp("contrasts", sprintf("variable '%s' is absent, its contrast will be ignored", absent[1]),
               i = did_you_mean(absent[1], known), i = sprintf("The variables are %s.", comma(known)))
  }
}

# One variable of the model frame: numeric with its columns, or categorical with levels and contrast.
new_variable <- function(name, column, contrast, used, frame) {
  if (is.null(contrast) && is.double(column) && is.null(dim(column))) return(list(name = name, kind = "numeric", labels = name))
  if (is.character(column)) column <- list(levels = sort_levels(column), ordered = FALSE)
  else if (is.logical(column) && is.null(dim(column))) column <- list(levels = c("FALSE", "TRUE"), ordered = FALSE, logical = TRUE)
  else if (is.factor(column)) {
    if (is.null(contrast)) contrast <- attr(column, "contrasts")
    column <- list(levels = levels(column), ordered = is.ordered(column))
  } else if (is.double(column) || is.integer(column)) {
    if (length(dim(column)) > 2) stop_variable_type(name, column)
    if (!is.null(contrast)) stop_numeric_contrast(name)
    return(list(name = name, kind = "numeric", labels = numeric_labels(name, column)))
  } else {
    if (used) stop_variable_type(name, column)
    return(list(name = name, kind = "unused"))
  }
  variable <- list(name = name, kind = "categorical", levels = column$levels,
                   is_logical = isTRUE(column$logical), ordered = column$ordered)
  if (is_absorbed_name(name)) contrast <- "contr.treatment"
  if (used) c(variable, contrast_coding(variable, contrast, frame)) else variable
}

sort_levels <- function(text) sort(unique(text))

numeric_labels <- function(name, column) {
  count <- NCOL(column)
  if (count == 1 && !is.matrix(column)) return(name)
  if (count == 1) return(name)
  paste0(name, if (is.null(colnames(column))) seq_len(count) else colnames(column))
}

stop_numeric_contrast <- function(name) {
  stop_glmpp("contrasts", sprintf("contrasts apply only to factors: `%s` is numeric.", name),
             i = sprintf("Write `factor(%s)` in the formula, or leave it out of `contrasts`.", name))
}

stop_variable_type <- function(name, column) {
  dimensions <- length(dim(column))
  stop_glmpp("variable", sprintf("variables of type '%s' are invalid in a model formula: `%s`.", typeof(column), name),
             x = if (dimensions > 2) sprintf("It is an array of %d dimensions.", dimensions)
                 else sprintf("It is %s.", describe_type(column)),
             i = "A variable must be numeric, logical, text, a factor, or a matrix of numbers.")
}

# The contrast matrix in triplets (level, column, value), and the names of its columns. The common
# contrasts are made without the levels x levels matrix. `first`: where each column is a level, and they follow each other, the first.
contrast_coding <- function(variable, contrast, frame) {
  levels <- variable$levels
  if (length(levels) < 2) stop_one_level(variable, frame)
  if (is.null(contrast)) contrast <- getOption("contrasts")[[1 + variable$ordered]]
  sparse <- sparse_contrast(contrast, levels)
  if (!is.null(sparse)) return(c(sparse, list(contrast = contrast)))
  template <- factor(levels, levels = levels, ordered = variable$ordered)
  matrix <- tryCatch({
    template <- set_contrast(template, contrast)
    stats::contrasts(template)
  }, error = function(e) stop_contrast(variable, contrast, e))
  nonzero <- which(matrix != 0, arr.ind = TRUE)
  list(level = unname(nonzero[, 1]), column = unname(nonzero[, 2]), value = matrix[nonzero],
       columns = ncol(matrix), labels = colnames(matrix) %||% as.character(seq_len(ncol(matrix))),
       contrast = attr(template, "contrasts"))
}

set_contrast <- function(template, contrast) {
  if (is.matrix(contrast)) stats::contrasts(template, ncol(contrast)) <- contrast
  else stats::contrasts(template) <- contrast
  template
}

stop_contrast <- function(variable, contrast, error) {
  stop_glmpp("contrasts", sprintf("The contrast of `%s` can't be used: %s.", variable$name, conditionMessage(error)),
             x = sprintf("`%s` has %d levels: %s.", variable$name, length(variable$levels), comma(variable$levels)),
             i = sprintf("A contrast is the name of a function (contr.treatment, contr.sum, contr.helmert, contr.poly) or a matrix with %d rows.",
                         length(variable$levels)))
}

sparse_contrast <- function(contrast, levels) {
  if (!is.character(contrast) || length(contrast) != 1) return(NULL)
  made_by <- get0(contrast, mode = "function")
  count <- length(levels)
  others <- seq_len(count - 1)
  if (identical(made_by, stats::contr.treatment)) {
    list(level = seq.int(2L, count), column = others, value = deferred_ones(count - 1), first = 2L, columns = count - 1L,
         labels = without_first(levels))
  } else if (identical(made_by, stats::contr.SAS)) {
    list(level = others, column = others, value = deferred_ones(count - 1), first = 1L, columns = count - 1L, labels = levels[others])
  } else if (identical(made_by, stats::contr.sum)) {
    list(level = c(rbind(others, count)), column = rep(others, each = 2), value = rep(c(1, -1), count - 1),
         columns = count - 1L, labels = as.character(others))
  }
}

without_first <- function(levels) if (length(levels) > most_names_made) deferred_names_impl("", list(levels), 1L) else levels[-1]

stop_one_level <- function(variable, frame) {
  dropped <- attr(frame, "na.action")
  stop_glmpp("levels", sprintf("contrasts can be applied only to factors with 2 or more levels: `%s` has one.", variable$name),
             x = sprintf("Its level is %s.", comma(dQuote(variable$levels, FALSE))),
             i = if (length(dropped)) sprintf("%s with missing values were dropped: were the other levels among them?",
                                              plural(length(dropped), "row")),
             i = sprintf("Take `%s` out of the formula, or keep rows with another level.", variable$name))
}

is_categorical <- function(variable) variable$kind == "categorical"

any_categorical <- function(variables) {
  for (variable in variables) if (is_categorical(variable)) return(TRUE)
  FALSE
}

no_levels <- structure(list(), names = character())

# Without an intercept the first factor takes all its levels.
mark_first_factor <- function(schema, factors) {
  if (schema$intercept) return(schema)
  is_factor <- vapply(schema$variables, is_categorical, NA)
  for (k in seq_len(ncol(factors))) {
    first <- which(is_factor & factors[, k] > 0)[1]
    if (is.na(first)) next
    schema$layout[[k]]$full[match(first, schema$layout[[k]]$variables)] <- TRUE
    break
  }
  schema
}

term_layout <- function(coding) {
  members <- which(coding > 0, useNames = FALSE)
  list(variables = members, full = as.vector(coding[members] == 2))
}

# The labels of one variable's columns within a term.
variable_labels <- function(variable, full) {
  if (variable$kind == "numeric") variable$labels
  else paste0(variable$name, if (full) variable$levels else variable$labels)
}

term_labels <- function(term, variables) {
  if (length(term$variables) == 1L) return(variable_labels(variables[[term$variables]], term$full))
  parts <- Map(function(i, full) variable_labels(variables[[i]], full), term$variables, term$full)
  crossed_labels(parts)
}

# Of all combinations, the first varies fastest.
crossed_labels <- function(parts) {
  if (!length(parts)) return(character())
  Reduce(function(fast, slow) as.vector(outer(fast, slow, paste, sep = ":")), parts)
}

# Of so many levels, and rows, names and other vectors are made when somebody reads them.
most_names_made <- 1e4

# The labels of a term's columns: a prefix, and what follows it.
term_parts <- function(term, variables) {
  variable <- if (length(term$variables) == 1L) variables[[term$variables]]
  if (is.null(variable) || !is_categorical(variable)) return(list("", term_labels(term, variables)))
  list(variable$name, if (term$full) variable$levels else variable$labels)
}

has_many_levels <- function(variables) {
  for (variable in variables) if (length(variable$levels) > most_names_made) return(TRUE)
  FALSE
}

add_column_names <- function(schema) {
  if (has_many_levels(schema$variables)) {
    parts <- lapply(schema$layout, term_parts, schema$variables)
    labels <- lapply(parts, `[[`, 2)
    all <- c(if (schema$intercept) list(list("", "(Intercept)")), parts)
    schema$columns <- deferred_names_impl(vapply(all, `[[`, "", 1), lapply(all, `[[`, 2), 0L)
  } else {
    labels <- lapply(schema$layout, term_labels, schema$variables)
    schema$columns <- c(if (schema$intercept) "(Intercept)", unlist(labels)) %||% character()
  }
  schema$assign <- c(if (schema$intercept) 0L, rep.int(seq_along(labels), lengths(labels)))
  schema$absorbed <- absorbed_terms(schema$terms)
  if (!any_categorical(schema$variables)) {
    if (length(schema$variables) > 1L) schema$xlevels <- no_levels
    return(schema)
  }
  schema$contrasts <- variable_contrasts(schema$variables)
  schema$xlevels <- variable_levels(schema)
  schema
}

variable_contrasts <- function(variables) {
  contrasts <- list()
  for (variable in variables) {
    if (!is.null(variable$contrast)) contrasts[variable$frame_name] <- list(variable$contrast)
  }
  if (length(contrasts)) contrasts
}

# As .getXlevels(): factors and text, not logicals, not the response.
variable_levels <- function(schema) {
  response <- attr(schema$terms, "response")
  if (length(schema$variables) == response && response < 2) return(NULL)
  levels <- no_levels
  for (i in seq_along(schema$variables)) {
    variable <- schema$variables[[i]]
    if (i != response && is_categorical(variable) && !variable$is_logical) levels[variable$frame_name] <- list(variable$levels)
  }
  levels
}

# A plain matrix as schema: what glm.fit() knows of its design.
matrix_schema <- function(x, intercept) {
  if (!identical(intercept, TRUE)) check_flag(intercept, "intercept")
  names <- dimnames(x)[[2L]]
  list(intercept = intercept, columns = if (is.null(names)) sprintf("x%d", seq_len(ncol(x))) else names)
}

`%||%` <- function(value, default) if (is.null(value)) default else value
