source(system.file("accuracy", "digits.R", package = "glmpp"), local = TRUE)
source(system.file("accuracy", "convergence.R", package = "glmpp"), local = TRUE)
