# Rmpfr and Matrix have classes of one name: methods would say so at every use.
options(getClass.msg = FALSE)
