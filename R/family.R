# Which R families run in C++, and under which names the core knows them. The core lists its
# variances and links itself (known_models_impl()).

as_family <- function(family, envir) {
  given <- withCallingHandlers(family, error = stop_family)
  if (is.list(given) && is.character(given$family)) return(given)
  if (is.function(given)) {
    known <- known_family(given)
    if (!is.null(known)) return(known)
  }
  if (is.character(given)) {
    found <- if (length(given) == 1) get0(given, envir = envir, mode = "function")
    if (is.null(found)) stop_unknown_family(given)
    family <- tryCatch(found(), error = function(e) stop_unmade_family(given, found, e))
  } else if (is.function(given)) {
    family <- tryCatch(given(), error = function(e) stop_unmade_family(given, given, e))
  }
  if (!is.list(family) || !is.character(family$family)) stop_unknown_family(given)
  family
}

# What a family function of stats returns, made once.
known_family <- function(made_by) {
  known <- reference_cache$known_families
  if (is.null(known)) {
    known <- cached("known_families", function() {
      makers <- mget(names(native_families), envir = asNamespace("stats"))
      Map(function(maker, name) list(maker = maker, family = cached_family(name, native_families[[name]])), makers, names(makers))
    })
  }
  for (one in known) if (identical(made_by, one$maker)) return(one$family)
}

# The expression given as `family` can't be evaluated: most often for its link.
stop_family <- function(error) {
  if (inherits(error, "glmpp_error")) stop(error)
  text <- conditionMessage(error)
  wrong_link <- if (grepl("link", text)) regmatches(text, regexpr("[\u2018'\"\u201c][^\u2018\u2019'\"\u201c\u201d]+", text))
  wrong_link <- substring(wrong_link, 2)
  links <- c("logit", "probit", "cauchit", "cloglog", "identity", "log", "sqrt", "1/mu^2", "inverse")
  wrong_name <- regmatches(text, regexec("^(object '|could not find function \")(.*)(' not found|\")$", text))[[1]][3]
  stop_glmpp("family", sprintf("`family` can't be evaluated: %s", text),
             i = if (!is.na(wrong_name)) did_you_mean(wrong_name, known_families()),
             i = if (length(wrong_link)) did_you_mean(wrong_link, setdiff(links, wrong_link)),
             i = if (length(wrong_link)) paste0("Links of stats: ", comma(links), ". Each family takes some of them."),
             i = if (!length(wrong_link)) paste0("Families that run natively: ", comma(known_families(), 20), "."))
}

known_families <- function() c(names(native_families), "quasi", "negative_binomial", "tweedie", "truncated_poisson", "truncated_negative_binomial", "multinomial", "ordinal")

# What other programs call them.
family_synonyms <- c(
  bernoulli = "binomial", logistic = "binomial", logit = "binomial", probit = "binomial(\"probit\")", normal = "gaussian",
  linear = "gaussian", gamma = "Gamma", count = "poisson", negbin = "negative_binomial", nbinom = "negative_binomial",
  nb = "negative_binomial", nb2 = "negative_binomial", "negative.binomial" = "negative_binomial",
  wald = "inverse.gaussian", softmax = "multinomial", categorical = "multinomial", cumulative = "ordinal"
)

stop_unknown_family <- function(family) {
  text <- if (is.character(family)) family[1]
  synonym <- if (length(text)) family_synonyms[tolower(text)]
  stop_glmpp("family", "`family` not recognized: it must be a family object, a family function or its name.",
             x = if (length(family) > 1 && is.character(family)) sprintf("It is %d names.", length(family))
                 else if (length(text)) sprintf("There is no family function %s.", dQuote(text, FALSE))
                 else sprintf("It is %s.", describe_type(family)),
             i = if (length(synonym) && !is.na(synonym)) sprintf("Did you mean %s?", synonym) else did_you_mean(text, known_families()),
             i = paste0("Families that run natively: ", comma(known_families(), 20), "."))
}

# There is such a function, but it does not make a family of nothing: MASS::negative.binomial() wants theta.
stop_unmade_family <- function(given, maker, error) {
  if (!any(c("link", "theta", "power", "var.power") %in% names(formals(maker)))) stop_unknown_family(given)
  name <- if (is.character(given)) given
  stop_glmpp("family", sprintf("%s needs arguments to make a family.", if (length(name)) sprintf("%s()", name) else "The function that is `family`"),
             x = sprintf("Called without any, it says: %s.", conditionMessage(error)),
             i = if ("theta" %in% names(formals(maker))) "`negative_binomial()` estimates theta; `negative_binomial(2)` has it given."
                 else sprintf("Write `family = %s(...)` with them.", name %||% "f"))
}

# What glm() calls in a family that the core does not know.
check_family_functions <- function(family) {
  wanted <- c("linkfun", "linkinv", "mu.eta", "variance", "dev.resids", "aic")
  lacking <- wanted[!vapply(wanted, function(name) is.function(family[[name]]), NA)]
  if (!length(lacking) && !is.null(family$initialize)) return(invisible())
  stop_glmpp("family", sprintf("The family `%s` is not complete.", paste(family$family, collapse = " ")),
             x = sprintf("It lacks %s.", comma(c(lacking, if (is.null(family$initialize)) "initialize"))),
             i = "See ?family for what a family object must have.")
}

# How the core is told of a family: by name when it is one the core has, its functions untouched;
# else by its functions.
core_family <- function(family) {
  last <- reference_cache$last_family
  if (!is.null(last)) {
    if (is_same_impl(family, last$family)) return(last$core)
    if (identical(without_simulate(family), last$plain, ignore.environment = TRUE)) {
      assign("last_family", replace(last, "family", list(family)), envir = reference_cache)
      return(last$core)
    }
  }
  if (!inherits(family, "family")) check_family_functions(family)
  if (!is.null(family$row_model)) return(family_from_outside(family))
  native <- native_family(family)
  if (!is.null(native)) return(remember_family(family, native))
  check_family_functions(family)
  list(is_callback = TRUE, callbacks = list(
    linkinv = family$linkinv, mu.eta = family$mu.eta, variance = family$variance,
    dev.resids = family$dev.resids, valideta = family$valideta %||% always_valid,
    validmu = family$validmu %||% always_valid
  ))
}

# Nothing that a fit reads, and long to compare.
without_simulate <- function(family) {
  family$simulate <- NULL
  family
}

always_valid <- function(values) TRUE

# A family whose row model another package, or a test, has compiled: `row_model` points to a RowModelMaker
# (src/family/row_model.h), which is given the numbers `parameters`.
family_from_outside <- function(family) {
  list(is_callback = FALSE, row_model = family$row_model, parameters = as.double(family$parameters), variance = family$family,
       link = family$link)
}

# Looking at the code of every function costs more than a small fit; some keep a parameter in their environment.
remember_family <- function(family, core) {
  core$has_genuine_aic <- is_genuine_aic(family)
  core$has_trials <- has_trials(family)
  core$has_known_dispersion <- has_known_dispersion(family)
  has_parameter <- core$link == "power" || core$theta != 0
  if (!has_parameter) {
    assign("last_family", list(family = family, core = core, plain = without_simulate(family)), envir = reference_cache)
  }
  core
}

native_family <- function(family) {
  record <- record_of(family)
  if (!is.null(record$make)) return(own_native_family(family, record))
  link <- native_link(family)
  variance <- native_variance(family)
  if (is.null(link) || is.null(variance)) return(NULL)
  list(is_callback = FALSE, variance = variance$name, theta = variance$theta, link = link$name, power = link$power,
       dispersion = family$at_dispersion)
}

own_native_family <- function(family, record) {
  parameter <- own_parameter(family)
  if (!is_same_code(family, record$make(parameter), c("linkinv", "mu.eta", "variance", "dev.resids"))) return(NULL)
  list(is_callback = FALSE, variance = record$variance, theta = parameter %||% 0, link = family$link, power = 1)
}

native_link <- function(family) {
  name <- family$link
  if (!is.character(name) || length(name) != 1) return(NULL)
  power <- if (startsWith(name, "mu^")) environment(family$linkinv)$lambda
  reference <- cached_link(name, power)
  if (is.null(reference) || !is_same_code(family, reference, c("linkinv", "mu.eta"))) return(NULL)
  if (identical(power, 0)) return(list(name = "log", power = 1))
  list(name = if (is.null(power)) name else "power", power = if (is.null(power)) 1 else power)
}

native_variance <- function(family) {
  theta <- own_parameter(family)
  if (!is.null(theta)) {
    record <- record_of(family)
    if (!any(vapply(record$code, identical, NA, body(family$variance)))) return(NULL)
    plain <- if (record$variance == "mu^p") c("constant", "mu", "mu^2", "mu^3")[match(theta, 0:3)] else NA
    return(list(name = if (is.na(plain)) record$variance else plain, theta = theta))
  }
  name <- if (is_quasi(family)) family$varfun else unname(native_families[family$family])
  if (is.null(name) || is.na(name) || !name %in% native_families) return(NULL)
  reference <- cached_family(family$family, name)
  if (!is_same_code(family, reference, c("variance", "dev.resids"))) return(NULL)
  list(name = name, theta = 0)
}

# A family whose functions somebody has replaced must be called back.
is_same_code <- function(family, reference, names) {
  all(vapply(names, function(name) identical(body(family[[name]]), body(reference[[name]])), NA))
}

reference_cache <- new.env(parent = emptyenv())

cached <- function(key, make) {
  if (is.null(reference_cache[[key]])) assign(key, make(), envir = reference_cache)
  reference_cache[[key]]
}

forget_cached <- function(key) rm(list = intersect(key, ls(reference_cache)), envir = reference_cache)

cached_link <- function(name, power) {
  if (!is.null(power)) return(cached(paste("power", name), function() stats::power(power)))
  if (!name %in% cached("known models", known_models_impl)$links) return(NULL)
  cached(paste("link", name), function() make_link(name))
}

# Links of the core that stats has not: functions without arguments that make what stats::make.link() makes.
own_links <- list()

make_link <- function(name) if (is.null(own_links[[name]])) stats::make.link(name) else own_links[[name]]()

cached_family <- function(family, variance) {
  cached(paste("family", family, variance), function() {
    if (family != "quasi") return(get(family, envir = asNamespace("stats"))())
    do.call(stats::quasi, list(variance = variance))  # quasi() looks at the expression
  })
}
